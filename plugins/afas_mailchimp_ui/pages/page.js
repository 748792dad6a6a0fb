// The page works without this file; it follows Airflow's dark mode, leaves the frame for links, and refreshes the cards.
"use strict";

const here = document.body.dataset.here;
const lang = document.body.dataset.lang;
const main = document.getElementById("syncs");
const REFRESH = 10000;

// Airflow shows the page in a frame of the same origin.
const outside = (() => {
  try {
    return window.parent !== window && window.parent.document ? window.parent : null;
  } catch {
    return null;
  }
})();

function followTheme() {
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const airflow = outside ? outside.document.documentElement : null;
  const show = () => root.classList.toggle("dark", airflow ? airflow.classList.contains("dark") : system.matches);
  if (airflow) new MutationObserver(show).observe(airflow, { attributes: true, attributeFilter: ["class"] });
  system.addEventListener("change", show);
  show();
}

// A link to Airflow belongs in the window around the frame, and a sandboxed frame may not lead that away by itself.
function leave(url) {
  if (!outside) {
    window.location.assign(url);
    return;
  }
  const link = outside.document.createElement("a");
  link.href = url;
  outside.document.body.append(link);
  link.click();
  link.remove();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a.airflow");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  leave(link.href);
});

async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(`${here}/cards?lang=${lang}`, { headers: { Accept: "text/html" } });
  if (answer.status === 401 || answer.status === 403) {
    leave(window.location.href);
    return;
  }
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").body;
  replace(fresh);
}

// Cards that did not change stay as they are, and what a person opened stays open.
function replace(fresh) {
  const known = [...main.children].map((part) => part.id).join();
  if (known !== [...fresh.children].map((part) => part.id).join()) {
    keepOpen(main, fresh);
    main.replaceChildren(...fresh.children);
    return;
  }
  [...fresh.children].forEach((part, place) => {
    const before = main.children[place];
    keepOpen(before, part);
    if (!before.contains(document.activeElement) && !before.isEqualNode(part)) before.replaceWith(part);
  });
}

function keepOpen(before, after) {
  for (const each of before.querySelectorAll("details[id][open]")) {
    const same = after.querySelector(`#${CSS.escape(each.id)}`);
    if (same) same.open = true;
  }
}

followTheme();
setInterval(() => refresh().catch(() => {}), REFRESH);

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

async function ask(form) {
  const dag = form.closest("[data-dag]").dataset.dag;
  const place = document.getElementById(form.dataset.explain);
  const given = new FormData(form);
  const body = { source: given.get("source"), key: given.get("key").trim(), show: given.get("show") === "on" };
  const button = form.querySelector("button");
  button.disabled = true;
  tell(document.body.dataset.busy);
  const found = await post(`/dags/${encodeURIComponent(dag)}/explain`, body);
  button.disabled = false;
  if (!found) return;
  told.hidden = true;
  show(found.lines, place);
}

document.addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.target.dataset.explain) ask(event.target).catch(() => {});
});

// A key in a list of rows leads to the question about it.
document.addEventListener("click", (event) => {
  const key = event.target.closest("button[data-key]");
  const form = key?.closest("[data-dag]").querySelector("form[data-explain]");
  if (!form) return;
  const [source, ...rest] = key.dataset.key.split(":");
  form.elements.source.value = source;
  form.elements.key.value = rest.join(":");
  form.closest("details").open = true;
  form.scrollIntoView({ block: "center" });
  form.requestSubmit();
});

// Settings are fetched when somebody opens them; "toggle" does not bubble.
document.addEventListener("toggle", (event) => {
  const details = event.target;
  if (details.dataset?.load && details.open && !details.dataset.loaded) load(details).catch(() => {});
}, true);

async function load(details) {
  details.dataset.loaded = "yes";
  const answer = await fetch(`${here}${details.dataset.load}?lang=${lang}`);
  if (answer.ok) put(await answer.text(), details.querySelector(".loaded"));
}

function put(html, place) {
  place.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.children);
}

async function refresh() {
  if (document.hidden || document.querySelector("dialog[open]")) return;
  const answer = await fetch(`${here}/cards?lang=${lang}`, { headers: { Accept: "text/html" } });
  if (answer.status === 401) {
    // The login has ended: Airflow asks for it, and leads back to where this page stands in its frame.
    if (outside) outside.location.reload();
    else window.location.reload();
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
    if (isTyping()) return;
    keepOpen(main, fresh);
    const focused = mark(document.activeElement);
    main.replaceChildren(...fresh.children);
    focusOn(focused, main);
    return;
  }
  [...fresh.children].forEach((part, place) => {
    const before = main.children[place];
    keepOpen(before, part);
    const active = before.contains(document.activeElement) ? document.activeElement : null;
    if ((active && isTyping()) || before.isEqualNode(part)) return;
    before.replaceWith(part);
    if (active) focusOn(mark(active, before), part);
  });
}

// Who is typing is not disturbed.
function isTyping() {
  return main.contains(document.activeElement) && document.activeElement.matches("input, select");
}

// By what an element is, so that its successor in a fresh card can have the focus; a keyboard then stays where it was.
function mark(element, card = element?.closest("[id^=sync-], #retention")) {
  if (!card || !element.matches("a, button, summary, [tabindex]")) return null;
  const alike = [...card.querySelectorAll(element.tagName)];
  return { card: card.id, tag: element.tagName, text: element.textContent, place: alike.indexOf(element) };
}

function focusOn(marked, within) {
  if (!marked) return;
  const card = within.id === marked.card ? within : within.querySelector(`#${CSS.escape(marked.card)}`);
  const alike = [...(card?.querySelectorAll(marked.tag) ?? [])];
  const same = alike[marked.place]?.textContent === marked.text ? alike[marked.place]
    : alike.find((each) => each.textContent === marked.text);
  same?.focus({ preventScroll: true });
}

function fill(from, to) {
  for (const name of ["source", "key"]) to.elements[name].value = from.elements[name].value;
  to.elements.show.checked = from.elements.show.checked;
}

function keepOpen(before, after) {
  for (const each of before.querySelectorAll("details[id][open]")) {
    const same = after.querySelector(`#${CSS.escape(each.id)}`);
    if (same) same.open = true;
  }
  for (const each of before.querySelectorAll("form[data-explain]")) {
    const same = after.querySelector(`form[data-explain="${CSS.escape(each.dataset.explain)}"]`);
    if (same) fill(each, same);
  }
  for (const each of before.querySelectorAll("details[data-loaded]")) {
    const same = after.querySelector(`#${CSS.escape(each.id)}`);
    if (same) same.replaceWith(each.cloneNode(true));
  }
  for (const each of before.querySelectorAll(".lines[id]:not([hidden])")) {
    const same = after.querySelector(`#${CSS.escape(each.id)}`);
    if (same) same.replaceWith(each.cloneNode(true));
  }
}

const told = document.getElementById("answer");
let quiet;

function tell(text, bad) {
  told.textContent = text;
  told.classList.toggle("bad", Boolean(bad));
  told.hidden = false;
  clearTimeout(quiet);
  // What went wrong stays until it was read: a click or Escape ends it.
  if (!bad) quiet = setTimeout(() => { told.hidden = true; }, 8000);
}

told.addEventListener("click", () => { told.hidden = true; });
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") told.hidden = true;
});

// Sends what a person asked for, and answers what came back; null after saying why nothing did.
async function post(path, body) {
  let answer;
  try {
    answer = await fetch(`${here}${path}?lang=${lang}`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
  } catch {
    tell(document.body.dataset.unreachable, true);
    return null;
  }
  const found = await answer.json().catch(() => ({}));
  if (answer.ok) return found;
  const known = answer.status === 409 && typeof found.detail === "string";
  tell(answer.status === 403 ? document.body.dataset.forbidden : known ? found.detail : `${answer.status}`, true);
  return null;
}

function show(lines, place) {
  place.replaceChildren(...lines.map((line) => {
    const item = document.createElement("li");
    item.textContent = line.text;
    if (line.good !== null && line.good !== undefined) item.className = line.good ? "good" : "bad";
    return item;
  }));
  place.hidden = lines.length === 0;
}

async function act(button) {
  const dag = button.closest("[data-dag]").dataset.dag;
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  if (button.dataset.lines) tell(document.body.dataset.busy);
  const found = await post(`/dags/${encodeURIComponent(dag)}/${button.dataset.action}`, JSON.parse(button.dataset.body));
  button.disabled = false;
  button.removeAttribute("aria-busy");
  button.closest("dialog")?.close();
  if (!found) return;
  if (found.html) {
    told.hidden = true;
    put(found.html, button.closest(".loaded"));
    return;
  }
  if (found.lines) {
    told.hidden = true;
    show(found.lines, document.getElementById(button.dataset.lines));
    return;
  }
  tell(found.message);
  await refresh();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.dialog) document.getElementById(button.dataset.dialog).showModal();
  else if ("close" in button.dataset) button.closest("dialog").close();
  else if (button.dataset.action) act(button).catch(() => {});
});

// The language that was picked stays picked in this browser; a link that names one goes before it.
function rememberLanguage() {
  const asked = new URLSearchParams(window.location.search).get("lang");
  try {
    if (asked === lang) window.localStorage.setItem("afas-mailchimp-language", lang);
    const picked = window.localStorage.getItem("afas-mailchimp-language");
    if (!asked && picked && picked !== lang) window.location.replace(`?lang=${encodeURIComponent(picked)}`);
  } catch {
    // A browser that keeps nothing goes by its own language.
  }
}

followTheme();
rememberLanguage();
setInterval(() => refresh().catch(() => {}), REFRESH);

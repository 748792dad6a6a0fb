#!/bin/sh
# Puts the package into an Airflow that is there, beside other people's files; run it again to upgrade.
#   tools/drop_in.sh "$AIRFLOW_HOME"                  dags/ and plugins/ below it
#   tools/drop_in.sh /path/to/dags /path/to/plugins   wherever they are
set -eu
[ $# -ge 1 ] || { sed -n '2,4s/^# *//p' "$0" >&2; exit 1; }
here=$(cd "$(dirname "$0")/.." && pwd)
dags=${2:+$1}
dags=${dags:-$1/dags}
plugins=${2:-$1/plugins}

mkdir -p "$dags/syncs" "$plugins/hooks" "$plugins/operators"
cp "$here"/dags/afas_mailchimp_*.py "$dags/"
# A sync file belongs to the person who wrote it: an example is put there only into an empty folder.
ls "$dags"/syncs/*.yaml >/dev/null 2>&1 || cp "$here"/dags/syncs/*.yaml "$dags/syncs/"

rm -rf "$plugins/afas_mailchimp" "$plugins/afas_mailchimp_ui" "$plugins"/airflow_afas_mailchimp-*.dist-info
cp -R "$here/plugins/afas_mailchimp" "$here/plugins/afas_mailchimp_ui" "$here"/plugins/airflow_afas_mailchimp-*.dist-info "$plugins/"
cp "$here"/plugins/afas_mailchimp_*.py "$plugins/"
rm -f "$plugins"/hooks/afas_mailchimp_*.py "$plugins"/operators/afas_mailchimp_*.py
cp "$here"/plugins/hooks/afas*.py "$here"/plugins/hooks/mailchimp.py "$plugins/hooks/"
cp "$here"/plugins/operators/afas*.py "$plugins/operators/"
for package in hooks operators; do
    [ -e "$plugins/$package/__init__.py" ] || : > "$plugins/$package/__init__.py"
done

# Without these lines Airflow would run each of our files as a plugin of its own, under its bare name.
ignore="$plugins/.airflowignore"
touch "$ignore"
[ -z "$(tail -c 1 "$ignore")" ] || echo >> "$ignore"
while read -r line; do
    grep -qxF -- "$line" "$ignore" || printf '%s\n' "$line" >> "$ignore"
done < "$here/plugins/.airflowignore"

cat <<TEXT
The package is in $dags and $plugins. What is left to do:
- the requirements:  pip install -r $here/requirements.txt  (or the ranges in pyproject.toml)
- the forms of the connection types:  PYTHONPATH=$plugins  in the environment of every Airflow component
- restart Airflow, make the connections afas_default and mailchimp_default, and edit $dags/syncs/*.yaml
TEXT

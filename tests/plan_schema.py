# Holds plans against the schema of `belay schema`. usage: plan_schema.py SCHEMA good|bad|any PLAN...
# Prints each plan that is not as it should be; "any" prints, for each plan, whether the schema accepts it.
import json
import re
import sys

import jsonschema
import yaml


class Loader(yaml.SafeLoader):
    """YAML 1.2's core schema: only true and false are no texts among the words."""


Loader.yaml_implicit_resolvers = {
    key: [(tag, pattern) for tag, pattern in rows if not tag.endswith((":bool", ":timestamp"))]
    for key, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))

schema_file, wanted, *plans = sys.argv[1:]
with open(schema_file, encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
wrong = 0
for name in plans:
    with open(name, encoding="utf-8") as file:
        errors = list(validator.iter_errors(yaml.load(file, Loader)))
    if wanted == "any":
        print("no" if errors else "yes", name)
    elif bool(errors) == (wanted == "good"):
        wrong += 1
        print(f"{name}: {errors[0].message if errors else 'accepted'}")
sys.exit(wrong > 0)

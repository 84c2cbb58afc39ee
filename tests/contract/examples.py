"""Every example of the document has the shape that it is an example of."""

import json
import sys

import jsonschema_rs

document = json.load(open(sys.argv[1]))


def held(value, at=""):
    """All schemas of the document with an example of each, and where they stand."""
    if isinstance(value, list):
        for place, item in enumerate(value):
            yield from held(item, f"{at}/{place}")
    if isinstance(value, dict):
        if "schema" in value:
            for example in value.get("examples", {}).values():
                yield at, value["schema"], example["value"]
            if "example" in value:
                yield at, value["schema"], value["example"]
        for name, item in value.items():
            yield from held(item, f"{at}/{name}")


wrong, count = [], 0
shapes = document["components"]["schemas"]
examples = list(held(document["paths"], "paths"))
examples += [(name, shape, example) for name, shape in shapes.items() for example in shape.get("examples", [])]
for at, schema, example in examples:
    count += 1
    validator = jsonschema_rs.validator_for({"allOf": [schema], "components": document["components"]})
    wrong += [f"{at}: {error.message}" for error in validator.iter_errors(example)]
print(f"{count} examples, {len(wrong)} wrong")
sys.exit("\n".join(wrong) or 0)

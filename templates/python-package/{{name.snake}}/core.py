"""The package's own work."""
{{#if command}}

import sys
{{#end}}


def greet(name: str) -> str:
    """A line that greets; an empty name is refused."""
    if not name.strip():
        raise ValueError("the name is empty")
    return f"hello, {name.strip()}"
{{#if command}}


def main() -> int:
    """Greets each of the arguments."""
    for name in sys.argv[1:]:
        print(greet(name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
{{#end}}

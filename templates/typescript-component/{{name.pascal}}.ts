export interface {{name.pascal}}Props {
{{#each prop in props}}
  {{prop.camel}}: string;
{{#end}}
}

export interface {{name.pascal}}Events {
{{#each event in events}}
  on{{event.pascal}}?: () => void;
{{#end}}
}

function escape(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return text.replace(/[&<>"']/g, (c) => entities[c] ?? c);
}

export class {{name.pascal}} {
  constructor(
    readonly props: {{name.pascal}}Props,
    readonly events: {{name.pascal}}Events = {},
  ) {}

  render(): string {
    const parts = [
{{#each prop in props}}
      `<span class="{{name.kebab}}__{{prop.kebab}}">${escape(this.props.{{prop.camel}})}</span>`,
{{#end}}
    ];
    return `<div class="{{name.kebab}}">${parts.join("")}</div>`;
  }
}

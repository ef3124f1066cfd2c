/** A file of variables as systemd reads it (`EnvironmentFile=` of systemd.exec(5)). Pure. */
export function environmentFile(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}="${value.replace(/[\\"`$]/g, "\\$&")}"\n`)
    .join("");
}

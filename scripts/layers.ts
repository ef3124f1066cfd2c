/** The packages in their layers: each may import only what stands in its list (design: *The map*). */
export const layers: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  files: ["protocol"],
  config: ["protocol", "files"],
  state: ["protocol", "files"],
  agent: ["protocol", "config", "state"],
  gateway: ["protocol", "files", "config", "state", "agent"],
  client: ["protocol", "files"],
  // `gateway` only by `await import()`: a command that does not need it must not load it.
  cli: ["protocol", "config", "client", "gateway"],
};

/** Packages that `cli` may load only lazily. */
export const lazyOnly: Readonly<Record<string, readonly string[]>> = { cli: ["gateway"] };

/** Packages of which another may load only subpaths: their index loads the schema library, which takes its time. */
export const subpathsOnly: Readonly<Record<string, readonly string[]>> = { files: ["protocol"] };

/** The packages in their layers: each may import only what stands in its list (design: *The map*). */
export const layers: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  config: ["protocol"],
  state: ["protocol"],
  agent: ["protocol", "config", "state"],
  gateway: ["protocol", "config", "state", "agent"],
  client: ["protocol"],
  // `gateway` only by `await import()`: a command that does not need it must not load it.
  cli: ["protocol", "config", "client", "gateway"],
};

/** Packages that `cli` may load only lazily. */
export const lazyOnly: Readonly<Record<string, readonly string[]>> = { cli: ["gateway"] };

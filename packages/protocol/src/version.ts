/** The version of the product; every package carries the same one. No imports here: `cara --version` reads only this. */
export const version = "0.1.0";

/** Wire protocol versions a gateway of this version speaks (websocket.md §3.1): the reference's 3 and OpenClaw's 4. */
export const protocolRange = { min: 3, max: 4 } as const;

import { compatible } from "./compatible.ts";

/** An account at NEAR AI Cloud. */
export const nearai = compatible("nearai");

export { type Canary, canary } from "./canary.ts";
export { type Certificate, certificateFor } from "./certificate.ts";
export { type DnsAnswer, type DnsServer, dnsServer } from "./dns-server.ts";
export { type RawServer, rawServer } from "./raw-server.ts";

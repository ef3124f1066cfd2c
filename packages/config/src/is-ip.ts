const byte = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const ipv4 = new RegExp(`^${byte}(?:\\.${byte}){3}$`);

/**
 * Whether a text is an IP address, and of which version; 0 if it is none. An address with a zone is none.
 * As `isIP` of `node:net`, which takes every start several milliseconds to load.
 */
export function isIp(text: string): 0 | 4 | 6 {
  if (ipv4.test(text)) return 4;
  // One colon alone at an end is nothing, whatever the runtime takes it for.
  if (!/^[0-9a-fA-F:.]{2,45}$/.test(text) || /^:[^:]|[^:]:$/.test(text)) return 0;
  // The runtime refuses some addresses that end in an IPv4 one; two groups in its place mean the same.
  const tail = text.slice(text.lastIndexOf(":") + 1);
  const groups = tail.includes(".") && ipv4.test(tail) ? `${text.slice(0, -tail.length)}0:0` : text;
  // What stands in brackets in a URL is an IPv6 address or nothing.
  return URL.canParse(`http://[${groups}]/`) ? 6 : 0;
}

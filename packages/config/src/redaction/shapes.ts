import type { Span } from "./span.ts";

/** How secrets of one kind look. What group 1 matched stays readable in front of the mark. */
interface Shape {
  /**
   * Global. No text makes it slower than linear: nothing compulsory follows an unbounded repetition, unless two of its
   * beginnings cannot lie in one run.
   */
  readonly pattern: RegExp;
  readonly mark?: string;
  /** Looks at the whole of a match, for what a linear pattern cannot say. */
  readonly accept?: (match: string) => boolean;
}

const separator = String.raw`[\\"']{0,4}\s{0,4}[:=]\s{0,4}[\\"']{0,4}`;
const scheme = "(?:Bearer|Basic|Token|Bot|ApiKey)";
const secretWord = "(?:token|secret|password|passwd|passphrase|pwd)";
const secretPrefix = "(?:(?:access|refresh|auth|bot|client|api|signing|private|secret)[_-]?)?";
const value = "[A-Za-z0-9._~+/=-]";
const keyPem = "[A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,20}-----";
/** Starts of prose rather than of credentials: "a bearer token", "the basic authentication". */
const prose = String.raw`(?!(?:tokens?|auth\w{0,20}|schemes?|credentials?|certificates?)\b)`;

/** Vendors' keys, which their beginning gives away. */
const prefixed: readonly string[] = [
  "sk-ant-[a-z]{2,8}[0-9]{2}-[A-Za-z0-9_-]{10,}",
  // Vendors' errors show keys with stars in the middle.
  "(?<![A-Za-z0-9])sk-[A-Za-z0-9_*-]{10,}",
  "(?<![A-Za-z0-9])(?:pk|rk|key)-(?=[A-Za-z_-]{0,40}[0-9])[A-Za-z0-9_-]{10,}",
  "(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{10,}",
  "whsec_[A-Za-z0-9+/=]{16,}",
  "xox[a-z]-[A-Za-z0-9-]{10,}",
  "xapp-[A-Za-z0-9-]{10,}",
  "gh[opsur]_[A-Za-z0-9]{20,}",
  "github_pat_[A-Za-z0-9_]{20,}",
  "glpat-[A-Za-z0-9_-]{16,}",
  "AIza[A-Za-z0-9_-]{30,}",
  String.raw`ya29\.[A-Za-z0-9_-]{20,}`,
  "GOCSPX-[A-Za-z0-9_-]{20,}",
  // Google refresh tokens, DigitalOcean, Databricks, Linear, Notion, Shopify, PyPI, Docker, Vault.
  "(?<![A-Za-z0-9])1//0[A-Za-z0-9_-]{30,}",
  "(?<![A-Za-z0-9])do[opr]_v1_[a-f0-9]{40,}",
  "(?<![A-Za-z0-9])dapi[a-f0-9]{32}",
  "(?<![A-Za-z0-9])(?:lin_api|lin_oauth|secret|ntn|shpat|shpss|shpca)_[A-Za-z0-9]{30,}",
  "pypi-[A-Za-z0-9_-]{32,}",
  "(?<![A-Za-z0-9])dckr_pat_[A-Za-z0-9_-]{20,}",
  String.raw`(?<![A-Za-z0-9])hv[sb]\.[A-Za-z0-9_-]{20,}`,
  // Twilio: keys and accounts; Mailgun, Mailchimp.
  "(?<![A-Za-z0-9])(?:SK|AC)[0-9a-f]{32}(?![0-9A-Za-z])",
  "(?<![A-Za-z0-9])[0-9a-f]{32}-us[0-9]{1,2}(?![0-9A-Za-z])",
  "(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16,}",
  "(?<![A-Za-z0-9])(?:hf|gsk|npm|syt|sgp|r8|nvapi)[_-][A-Za-z0-9_]{20,}",
  "(?<![A-Za-z0-9])(?:xai|pplx)-[A-Za-z0-9]{20,}",
  String.raw`(?<![A-Za-z0-9])SG\.[A-Za-z0-9_-]{16,}\.?[A-Za-z0-9_-]*`,
  "AGE-SECRET-KEY-1[A-Z0-9]{20,}",
  // Telegram: also right after "/bot" in an address. A number in front of a UUID is none.
  "(?<![0-9])[0-9]{6,12}:(?![0-9a-f]{8}-[0-9a-f]{4}-)[A-Za-z0-9_-]{30,}",
  // Discord: user id, time, signature.
  String.raw`(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{23,28}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}`,
];

/** The shapes of state.md §10 with its *Better*, and those of agent.md §8.9. */
const shapes: readonly Shape[] = [
  {
    pattern: new RegExp(String.raw`-----BEGIN ${keyPem}[\s\S]*?(?:-----END ${keyPem}|$)`, "g"),
  },
  {
    pattern: new RegExp(
      String.raw`((?:proxy-)?authorization${separator}${scheme}\s{1,8})[^\s"',;}\\[][^\s"',;}\\]*`,
      "gi",
    ),
  },
  {
    pattern: new RegExp(
      String.raw`((?:proxy-)?authorization${separator})(?!${scheme}\s)[^\s"',;}\\[][^\s"',;}\\]*(?:[ \t]{1,8}[^\s"',;}\\]+)?`,
      "gi",
    ),
  },
  {
    pattern: new RegExp(String.raw`((?:x-[a-z-]{0,20})?api-key${separator})[^\s"',;}\\[][^\s"',;}\\]*`, "gi"),
  },
  { pattern: /((?:set-)?cookie[\\"']{0,4}\s{0,4}:\s{0,4}[\\"']{0,4})[^\s=;,"']{1,128}=[^\n"']+/gi },
  { pattern: new RegExp(String.raw`\b(Bearer\s{1,8})${prose}[A-Za-z0-9._~+/=-]{6,}`, "gi") },
  {
    pattern: /\b(Basic\s{1,8})[A-Za-z0-9+/=_-]{8,}/gi,
    // "Basic understanding" is prose; base64 of eight characters and more is never one lower-case word.
    accept: (match) => !/\s[A-Z]?[a-z]+$/.test(match.slice(-200)),
  },
  { pattern: new RegExp(`((?:key|${secretWord})=)${value}{32,}`, "gi") },
  { pattern: new RegExp(`(?<![A-Za-z0-9_-])(${secretPrefix}${secretWord}${separator})${value}{16,}`, "gi") },
  {
    // A key may also be one of the configuration ("unknown key: gateway.controlUi.path"): a secret one has digits.
    pattern: new RegExp(
      `(?<![A-Za-z0-9_-])(${secretPrefix}key${separator})(?=[A-Za-z._~+/=-]{0,40}[0-9])${value}{16,}`,
      "gi",
    ),
  },
  { pattern: /((?:password|passwd|passphrase|pwd)=[\\"']{0,4})[^\s"'&,;<[\\]{4,}/gi },
  quoted('"'),
  quoted("'"),
  {
    // Also what makes an address good for one use: signatures and tickets of storage services, codes of sign-ins.
    pattern:
      /([?&;](?:key|sig|signature|ticket|otp|jwt|access_token|id_token|refresh_token|auth|auth_?key|code|state|token|(?:x-(?:amz|goog|oss|cos|tos)-)(?:signature|credential|security-token)|awsaccesskeyid|googleaccessid|se?cret|hmac|password|pass|pwd)=)[^\s&"'<>#[]{6,}/gi,
  },
  // A password in an address may hold anything but a blank; the last @ before the host ends it.
  { pattern: /(:\/\/)[^\s/@"'<>[]+(?=@)/g },
  { pattern: /(:\/{1,3}[^\s:/@"'<>[]{0,128}:)(?!\/|[0-9]{1,5}[/?#])[^\s"'<>[]{1,256}(?=@[A-Za-z0-9[])/g },
  // Connection strings of databases and queues: `Server=…;Pwd=…`, `AccountKey=…`, `SharedAccessKey=…`.
  {
    pattern:
      /((?:account|sharedaccess|access|shared)[_-]?key(?:[_-]?secret)?\s{0,4}[:=]\s{0,4}[\\"']{0,4})[^\s"'&,;<[\\]{16,}/gi,
  },
  // An AWS secret key has no beginning of its own, only neighbours.
  {
    pattern: /(aws.{0,20}?(?:secret|key).{0,20}?[:=]\s{0,4}[\\"']{0,4})[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])/gi,
  },
  { pattern: /(\b(?:IDENTIFIED BY|PASSWORD)\s{1,4}['"])[^'"\n]{3,}/g },
  {
    pattern:
      /((?:hooks\.slack\.com\/(?:services|workflows|triggers)|discord(?:app)?\.com\/api(?:\/v\d{1,2})?\/webhooks|webhook\.office\.com\/webhookb2|chat\.googleapis\.com\/v1\/spaces)\/)[^\s"'<>[]+/gi,
  },
  {
    pattern: /https?:\/\/[^\s"'<>]+/gi,
    mark: "[REDACTED-MATRIX-URL]",
    accept: (match) => match.includes("/_matrix/"),
  },
  // A Matrix recovery key: twelve groups of base58.
  { pattern: /\b(?:[1-9A-HJ-NP-Za-km-z]{4}\s){11}[1-9A-HJ-NP-Za-km-z]{3,4}\b/g },
  {
    // A JSON Web Token, signed or encrypted: base64url of an object, and at least two dots.
    pattern: /(?<![A-Za-z0-9])eyJ[A-Za-z0-9._-]{17,}/g,
    accept: (match) => match.split(".", 3).length === 3,
  },
  { pattern: new RegExp(prefixed.join("|"), "g") },
];

/** A value in quotes under a quoted name, as in JSON that stands in a text. */
function quoted(quote: string): Shape {
  const name = String.raw`[\w.-]{0,40}(?:password|passwd|passphrase|secret|token|api[_-]?key|credential)`;
  const source = String.raw`(\\?${quote}${name}\\?${quote}\s{0,4}:\s{0,4}\\?${quote})[^${quote}\n]+`;
  return { pattern: new RegExp(source, "gi") };
}

/** Finds what looks like a secret, whoever it belongs to. */
export function findShapes(text: string): readonly Span[] {
  return shapes.flatMap((shape) => spansOf(shape, text));
}

function spansOf({ pattern, mark, accept }: Shape, text: string): Span[] {
  const spans: Span[] = [];
  for (const match of text.matchAll(pattern)) {
    if (accept !== undefined && !accept(match[0])) continue;
    const start = match.index + (match[1]?.length ?? 0);
    spans.push({ start, end: match.index + match[0].length, ...(mark !== undefined && { mark }) });
  }
  return spans;
}

/** A made-up secret as people write it, and the part of it that must be seen nowhere. */
export interface MadeSecret {
  readonly kind: string;
  /** With whatever it needs around it to be known as a secret. */
  readonly text: string;
  /** Each of them is secret. */
  readonly cores: readonly string[];
}

const small = "abcdefghijklmnopqrstuvwxyz";
const capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const digits = "0123456789";
const letters = small + capitals;
const base62 = letters + digits;
const base64url = `${base62}-_`;
const base64 = `${base62}+/`;
const hex = `${digits}abcdef`;
const base32 = `${capitals}234567`;
const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** So many characters of an alphabet. */
type Pick = (alphabet: string, length: number) => string;

/** Numbers from 0 to 1 that are the same each time for one seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function picker(random: () => number): Pick {
  return (alphabet, length) =>
    Array.from({ length }, () => alphabet.charAt(Math.floor(random() * alphabet.length))).join("");
}

/** A body after a beginning that gives it away. */
function prefixed(prefix: string, alphabet: string, length: number): (pick: Pick) => Made {
  return (pick) => {
    const body = pick(alphabet, length);
    return { text: `${prefix}${body}`, cores: [body] };
  };
}

/** A body in its surroundings. */
function within(before: string, after: string, body: (pick: Pick) => string): (pick: Pick) => Made {
  return (pick) => {
    const made = body(pick);
    return { text: `${before}${made}${after}`, cores: [made] };
  };
}

function pem(kind: string): (pick: Pick) => Made {
  return (pick) => {
    const cores = [pick(base64, 64), pick(base64, 64), `${pick(base64, 43)}=`];
    return {
      text: [`-----BEGIN ${kind}PRIVATE KEY-----`, ...cores, `-----END ${kind}PRIVATE KEY-----`].join("\n"),
      cores,
    };
  };
}

type Made = Omit<MadeSecret, "kind">;

const makers: Readonly<Record<string, (pick: Pick) => Made>> = {
  openai: prefixed("sk-", base62, 48),
  "openai project": prefixed("sk-proj-", base64url, 64),
  anthropic: prefixed("sk-ant-api03-", base64url, 86),
  "slack bot": (pick) => {
    const body = pick(base62, 24);
    return { text: `xoxb-${pick(digits, 12)}-${pick(digits, 12)}-${body}`, cores: [body] };
  },
  "slack user": prefixed("xoxp-1234567890-", `${hex}`, 32),
  "slack app": prefixed("xapp-1-A0123456789-", hex, 64),
  "github classic": prefixed("ghp_", base62, 36),
  "github oauth": prefixed("gho_", base62, 36),
  "github server": prefixed("ghs_", base62, 36),
  "github fine-grained": prefixed("github_pat_", base62, 82),
  gitlab: prefixed("glpat-", base64url, 20),
  "google api": prefixed("AIza", base64url, 35),
  "google access": prefixed("ya29.", base64url, 120),
  "google refresh": prefixed("1//0", base64url, 60),
  "google client": prefixed("GOCSPX-", base64url, 28),
  "aws id": prefixed("AKIA", base32, 16),
  "aws session id": prefixed("ASIA", base32, 16),
  "aws secret": within("aws_secret_access_key = ", "", (pick) => pick(base64, 40)),
  jwt: (pick) => {
    const body = pick(base64url, 60);
    const signature = pick(base64url, 43);
    return { text: `eyJhbGciOiJIUzI1NiJ9.${body}.${signature}`, cores: [body, signature] };
  },
  telegram: (pick) => {
    const body = `AA${pick(base64url, 33)}`;
    return { text: `${pick("123456789", 10)}:${body}`, cores: [body] };
  },
  discord: (pick) => {
    const body = pick(base64url, 38);
    return { text: `M${pick(base62, 25)}.${pick(base64url, 6)}.${body}`, cores: [body] };
  },
  "stripe secret": prefixed("sk_live_", base62, 24),
  "stripe restricted": prefixed("rk_live_", base62, 24),
  "stripe webhook": prefixed("whsec_", base62, 32),
  "slack webhook": prefixed("https://hooks.slack.com/services/T01234567/B01234567/", base62, 24),
  "discord webhook": prefixed("https://discord.com/api/webhooks/123456789012345678/", base64url, 68),
  "private key": pem(""),
  "rsa key": pem("RSA "),
  "ssh key": pem("OPENSSH "),
  age: prefixed("AGE-SECRET-KEY-1", base32, 58),
  npm: prefixed("npm_", base62, 36),
  "hugging face": prefixed("hf_", letters, 34),
  groq: prefixed("gsk_", base62, 52),
  sendgrid: (pick) => {
    const bodies = [pick(base64url, 22), pick(base64url, 43)];
    return { text: `SG.${bodies.join(".")}`, cores: bodies };
  },
  twilio: prefixed("SK", hex, 32),
  pypi: prefixed("pypi-AgEIcHlwaS5vcmc", base64url, 100),
  vault: prefixed("hvs.", base62, 90),
  digitalocean: prefixed("dop_v1_", hex, 64),
  postgres: within("postgres://carapace:", "@db.example:5432/main", (pick) => pick(base62, 18)),
  redis: within("redis://:", "@cache.example:6379/0", (pick) => pick(base62, 18)),
  "address with password": within("https://owner:", "@git.example/repo.git", (pick) => pick(base62, 20)),
  "ado connection": within("Server=db;Database=main;User Id=sa;Password=", ";", (pick) => pick(base62, 16)),
  "azure storage": within("DefaultEndpointsProtocol=https;AccountName=a;AccountKey=", "==", (pick) =>
    pick(base64, 86),
  ),
  "azure signature": within("https://a.blob.core.windows.net/c/f?sv=2024-11-04&sig=", "&se=2026", (pick) =>
    pick(base62, 43),
  ),
  "aws signature": within("https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature=", "", (pick) =>
    pick(hex, 64),
  ),
  cookie: within("Cookie: theme=dark; session=", "", (pick) => pick(base62, 26)),
  "set-cookie": within("Set-Cookie: sid=", "; HttpOnly", (pick) => pick(base62, 26)),
  bearer: within("Authorization: Bearer ", "", (pick) => pick(base62, 30)),
  basic: within("Authorization: Basic ", "", (pick) => pick(base62, 28)),
  password: within("password=", "", (pick) => pick(base62, 14)),
  "matrix recovery": (pick) => {
    const text = Array.from({ length: 12 }, () => pick(base58, 4)).join(" ");
    return { text, cores: [text] };
  },
  "random base64url": within("", "", (pick) => pick(base64url, 64)),
  "random base62": within("", "", (pick) => pick(base62, 64)),
};

/** One secret of each of over 40 kinds; the same for the same seed. */
export function makeSecrets(seed: number): readonly MadeSecret[] {
  const pick = picker(seededRandom(seed));
  return Object.entries(makers).map(([kind, make]) => ({ kind, ...make(pick) }));
}

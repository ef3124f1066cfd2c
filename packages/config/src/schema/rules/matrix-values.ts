const maxUrlChars = 2048;
const maxUserBytes = 256;
const maxDeviceBytes = 255;
const maxAllowedBytes = 256;

/** Says what is wrong with one value, for whoever typed it; undefined if nothing is. */
type Fault = (text: string) => string | undefined;

/** Pure. Of `matrix.homeserverUrl`: an address without a path; http to this machine only (channels.md §8.1). */
export const homeserverFault: Fault = (text) => {
  const say =
    "must be an http or https address of a host without path, query or sign-in; http only to this machine";
  if (text.length > maxUrlChars || !/^[\x21-\x7e]+$/.test(text) || /[?#@]/.test(text)) return say;
  const url = URL.parse(text);
  if (url === null || url.hostname === "" || url.pathname !== "/") return say;
  const isHere = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  return url.protocol === "https:" || (url.protocol === "http:" && isHere) ? undefined : say;
};

/** Pure. Of `matrix.userId`. */
export const userFault: Fault = (text) =>
  isUser(text) && Buffer.byteLength(text) <= maxUserBytes
    ? undefined
    : `must look like @name:server, at most ${maxUserBytes} bytes`;

/** Pure. Of `matrix.deviceId`. */
export const deviceFault: Fault = (text) =>
  Buffer.byteLength(text) <= maxDeviceBytes ? undefined : `must be at most ${maxDeviceBytes} bytes`;

/** Pure. Of an entry of `matrix.autoJoin.allowUsers`; what is told here never matches anybody. */
export const allowedUserFault: Fault = (text) =>
  isUser(text) ? undefined : "is no account: it looks like @name:server.org";

/** Pure. Of an entry of `matrix.autoJoin.allowServerNames`, which is compared with a server's name without its port. */
export const allowedServerFault: Fault = (text) =>
  /^(?:[a-z0-9-]+\.)*[a-z0-9-]+$|^\[[0-9a-f:.]+\]$/i.test(text)
    ? undefined
    : "is no server's name: write it without port, https:// or *, as in example.org";

/** Pure. Of an entry of either list. */
export const allowedLengthFault: Fault = (text) =>
  Buffer.byteLength(text) <= maxAllowedBytes ? undefined : `must be at most ${maxAllowedBytes} bytes`;

/** What is wrong with a value of a Matrix account, by what it is for whoever asks for one. */
export const matrixFaults = {
  homeserverUrl: homeserverFault,
  userId: userFault,
  allowedUser: allowedUserFault,
  allowedServer: allowedServerFault,
} as const;

function isUser(text: string): boolean {
  return /^@[^:\s\p{Cc}]+:[^\s\p{Cc}]+$/u.test(text);
}

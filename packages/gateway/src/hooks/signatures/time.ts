/** Default distance between the time of signing and ours, in seconds; that of Stripe and Slack. */
export const defaultToleranceSeconds = 300;

/** Whether a time of signing, in Unix seconds as text, is close to now; undefined if the text is no time. */
export function isRecent(text: string, nowMs: number, toleranceSeconds: number): boolean | undefined {
  if (!/^\d{1,12}$/.test(text)) return undefined;
  return Math.abs(nowMs / 1000 - Number(text)) <= toleranceSeconds;
}

/** Why a call that is rightly signed is too old, or too new. */
export function tooFar(toleranceSeconds: number): string {
  return `it was signed more than ${toleranceSeconds} seconds away from now: an old call, or a wrong clock`;
}

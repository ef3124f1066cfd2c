import type { AnyStep } from "../flow.ts";
import { consentSteps } from "./consent.ts";
import { addressSteps, credentialSteps } from "./credentials.ts";
import { extraSteps, gatewaySteps } from "./gateway.ts";
import { liveSteps } from "./live.ts";
import { modelSteps } from "./model.ts";
import { outcomeSteps } from "./outcome.ts";
import { signInSteps } from "./sign-in.ts";
import { startSteps } from "./start.ts";

/** Every question of `cara setup`, in the order of cli.md §3.10. */
export const allSteps: readonly AnyStep[] = [
  ...startSteps,
  ...addressSteps,
  ...modelSteps,
  ...credentialSteps,
  ...signInSteps,
  ...liveSteps,
  ...gatewaySteps,
  ...outcomeSteps,
  ...extraSteps,
  ...consentSteps,
];

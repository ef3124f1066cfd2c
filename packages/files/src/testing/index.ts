export { Crash, faultySteps, systemError } from "./faulty-steps.ts";

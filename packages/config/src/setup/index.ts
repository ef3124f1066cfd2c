/** What setting up, importing and the onboarding routes know of the providers. */
export { modelFamily } from "../schema/model-ref.ts";
export { nameIfSet, type Setting } from "./name-if-set.ts";
export type { ProviderAuthMode, SetupProvider, SetupSetting } from "./providers.ts";
export { setupProvider, setupProviders } from "./providers.ts";

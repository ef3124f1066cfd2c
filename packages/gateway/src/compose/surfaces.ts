import { dirname } from "node:path";
import type { RouteSource } from "../http/route.ts";
import type { Services } from "../methods/services.ts";
import type { ProviderBox } from "../models/providers.ts";
import type { SignIns } from "../models/sign-ins.ts";
import type { OpenAiDeps } from "../openai/deps.ts";
import type { ToolsInvokeDeps } from "../tools-invoke/deps.ts";
import { createToolsInvoke } from "../tools-invoke/routes.ts";
import type { CoreOptions } from "./core.ts";
import { lazily } from "./lazily.ts";

type SurfaceParts = Pick<CoreOptions, "csrf" | "fetchFile"> &
  Pick<ToolsInvokeDeps, "toolContext"> &
  Pick<OpenAiDeps, "bill"> &
  Services & { readonly providers: ProviderBox; readonly signIns: SignIns };

/** What is served over HTTP beside health and status. */
interface Surfaces {
  readonly routes: readonly RouteSource[];
  /** Ends the streams of events: what is told from now on reaches no reader. */
  endStreams(reason: string): Promise<void>;
}

/** Each surface is loaded when the configuration switches it on. Closed by `opened`. */
export function openSurfaces(parts: SurfaceParts, opened: AsyncDisposableStack): Surfaces {
  const openai = lazily(opened, async () => {
    const { createOpenAi } = await import("../openai/routes.ts");
    return createOpenAi({ ...parts, log: parts.log.target("openai") });
  });
  const toolsInvoke = createToolsInvoke(parts);
  const control = lazily(opened, async () => {
    const { createControl } = await import("../control/control.ts");
    const { channels, providers } = parts;
    return createControl({
      ...parts,
      providers: () => providers.current(),
      channels: () => channels.views(),
    });
  });
  const page: RouteSource = async (settings) => {
    if (!settings.gateway.controlUi.enabled) return [];
    const { controlUiRoutes } = await import("../control-ui/routes.ts");
    const { config, csrf, facts } = parts;
    const configFolder = dirname(config.current().path);
    return controlUiRoutes({ stateDir: facts.stateDir, configFolder, issueCsrf: csrf.issue })(settings);
  };
  return {
    routes: [
      async (settings) => {
        const { control: api, controlUi } = settings.gateway;
        return api.enabled || controlUi.enabled ? (await control.load()).routes(settings) : [];
      },
      async (settings) => {
        const { chatCompletions, responses } = settings.gateway.openai;
        return chatCompletions || responses ? (await openai.load()).routes(settings) : [];
      },
      toolsInvoke.routes,
      page,
    ],
    async endStreams(reason) {
      (await control.loaded())?.endStreams(reason);
    },
  };
}

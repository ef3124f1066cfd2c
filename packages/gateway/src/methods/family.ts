import { isMethodName, type MethodName, methodContracts } from "@carapace/protocol";
import type { MethodHandler, MethodHandlers } from "../types.ts";

/** Those that are called so, or `name.…`. */
type NamesOf<Name extends string> = Extract<MethodName, Name | `${Name}.${string}`>;

/**
 * The handlers of a method family that is loaded with the first call of one of them: an idle gateway need not hold it.
 * One that the family lacks does not compile.
 */
export function family<Name extends string>(
  name: Name,
  load: () => Promise<Pick<MethodHandlers, NamesOf<Name>>>,
): Pick<MethodHandlers, NamesOf<Name>> {
  const isOfFamily = (method: string): method is NamesOf<Name> =>
    isMethodName(method) && (method === name || method.startsWith(`${name}.`));
  let loading: ReturnType<typeof load> | undefined;
  function late<M extends NamesOf<Name>>(method: M): MethodHandler<M> {
    return async (call) => {
      loading ??= load();
      return (await loading)[method](call);
    };
  }
  const names = Object.keys(methodContracts).filter(isOfFamily);
  // Each entry is made for its own name; only the table's type cannot say so.
  return Object.fromEntries(names.map((method) => [method, late(method)])) as unknown as Pick<
    MethodHandlers,
    NamesOf<Name>
  >;
}

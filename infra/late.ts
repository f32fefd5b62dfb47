/**
 * An object that is made when it is first touched, and stands for itself until then. Bundles hold schemas so; see
 * `late-schemas.ts`.
 */
export function late(make: () => object): object {
  let made: object | undefined
  const it = (): object => (made ??= make())
  return new Proxy(
    {},
    {
      // Read from what was made, so that a method is bound to it and not to this.
      get: (_, name): unknown => Reflect.get(it(), name),
      has: (_, name) => Reflect.has(it(), name),
    },
  )
}

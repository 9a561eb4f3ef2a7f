/**
 * An object that is made when it is first looked into. The types of arguments are slow to make, and a playbook names few of
 * the modules that there are.
 */
export function lazily<Value extends object>(make: () => Value): Value {
  let value: Value | undefined;
  const made = () => (value ??= make());
  const handler: ProxyHandler<Value> = {
    get: (_, key) => Reflect.get(made(), key) as unknown,
    has: (_, key) => Reflect.has(made(), key),
    ownKeys: () => Reflect.ownKeys(made()),
    getOwnPropertyDescriptor: (_, key) => Reflect.getOwnPropertyDescriptor(made(), key),
  };
  const lazy = new Proxy({} as Value, handler);
  makers.set(lazy, made);
  return lazy;
}

/** What is behind {@link lazily}, made now, for those who look into it often; any other object as it is. */
export function madeOf<Value extends object>(lazy: Value): Value {
  return (makers.get(lazy)?.() as Value | undefined) ?? lazy;
}

const makers = new WeakMap<object, () => object>();

import type { AnnalsEvent, CustomerEvent } from '@annals/contracts';

/** Values by the names of their registers; undefined where nothing is said. */
type Values = Readonly<Record<string, unknown>>;

const under = (prefix: string, values: Values = {}): Values => Object.fromEntries(Object.entries(values).map(([key, value]) => [`${prefix}/${key}`, value]));

type Profile = AnnalsEvent<'CustomerProfileChanged'>['data'];

const profile = ({ names, attributes, name, language, country, zone, birthday }: Profile): Values => ({
  name,
  language,
  country,
  zone,
  birthday,
  ...under('names', names),
  ...under('attributes', attributes),
});

/** The registers that events set, by the name of the event: each has one value from a time on, and null for none. */
const setters = {
  CustomerProfileChanged: profile,
  ContactPointVerified: ({ id, method = '' }: AnnalsEvent<'ContactPointVerified'>['data']): Values => ({ [`verified/${id}`]: method }),
  CustomerAssigned: ({ role, ...holder }: AnnalsEvent<'CustomerAssigned'>['data']): Values => ({ [`assignments/${role}`]: holder }),
  CustomerUnassigned: ({ role }: AnnalsEvent<'CustomerUnassigned'>['data']): Values => ({ [`assignments/${role}`]: null }),
  CustomerTagged: ({ tag }: AnnalsEvent<'CustomerTagged'>['data']): Values => ({ [`tags/${tag}`]: true }),
  CustomerUntagged: ({ tag }: AnnalsEvent<'CustomerUntagged'>['data']): Values => ({ [`tags/${tag}`]: null }),
  CustomerDeactivated: (): Values => ({ inactive: true }),
  CustomerReactivated: (): Values => ({ inactive: null }),
  ProfilingObjected: (): Values => ({ unprofiled: true }),
  ProfilingAllowed: (): Values => ({ unprofiled: null }),
};

type Setting = keyof typeof setters;
/** An event that does nothing but set registers. */
export type SettingEvent<T extends Setting = Setting> = { [P in T]: { readonly type: P; readonly data: AnnalsEvent<P>['data'] } }[T];

/** Whether an event does nothing but set registers. */
export function sets<E extends CustomerEvent>(event: E): event is E & SettingEvent {
  return event.type in setters;
}

/** The values that an event sets. */
export function setBy<T extends Setting>(event: SettingEvent<T>): Values {
  const setter: { readonly [P in Setting]: (data: AnnalsEvent<P>['data']) => Values } = setters;
  return setter[event.type](event.data);
}

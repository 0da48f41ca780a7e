import type { Person } from './people.js';
import type { Purchase } from './purchases.js';
import type { Random } from './random.js';
import { goods } from './goods.js';
import { scenarios, type Scenario, type Step } from './scenarios.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** One thing that was said. */
export interface Said {
  readonly number: string;
  readonly at: number;
  readonly step: Step;
  readonly purpose: Scenario['purpose'];
  readonly platform: string | undefined;
  readonly title: string | undefined;
  readonly text: string;
  /** Names the conversation that it belongs to. */
  readonly thread: string;
  /** Where it took time: how long it rang, and how long it lasted, in milliseconds. */
  readonly duration: { readonly ringing: number; readonly whole: number } | undefined;
}

/** A matter begins in the shop's hours: nine to six, of UTC for simplicity. */
function inHours(at: number): number {
  const day = Math.floor(at / (24 * HOUR_MS)) * 24 * HOUR_MS;
  const within = (at - day) / (24 * HOUR_MS);
  return Math.floor((day + (9 + within * 9) * HOUR_MS) / MINUTE_MS) * MINUTE_MS;
}

function platformOf(random: Random, { medium }: Step, { language, contactPoints }: Person): string | undefined {
  if (medium === 'voice') return 'pbx';
  if (medium === 'meeting') return random.pick(['zoom', 'in-person']);
  if (medium === 'web') return 'shop-site';
  if (medium !== 'message') return undefined;
  if (language === 'zh') return random.pick(['wechat', 'wechat', 'wecom', 'sms']);
  return contactPoints.some(({ kind }) => kind === 'whatsapp') ? random.pick(['whatsapp', 'whatsapp', 'sms']) : random.pick(['sms', 'telegram', 'line']);
}

function durationOf(random: Random, { medium, disposition }: Step): Said['duration'] {
  if (medium === 'meeting') return { ringing: 0, whole: random.whole(25, 80) * MINUTE_MS };
  if (medium !== 'voice') return undefined;
  const ringing = random.whole(3, 30) * 1_000;
  return { ringing, whole: ringing + (disposition === 'answered' ? random.whole(60, 900) * 1_000 : 0) };
}

/** Puts what a matter is about into its texts. */
function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

function scenarioFor(random: Random, purchase: Purchase | undefined): Scenario {
  for (let tries = 0; tries < 50; tries++) {
    const scenario = random.pick(scenarios);
    if (!scenario.needsOrder || purchase !== undefined) return scenario;
  }
  return scenarios[0];
}

/** What is said in the course of one matter that begins at a moment. */
function matterOf(random: Random, person: Person, matter: { readonly at: number; readonly index: number; readonly purchase: Purchase | undefined }): Said[] {
  const { at, index, purchase } = matter;
  const { purpose, steps } = scenarioFor(random, purchase);
  const { language, shortName } = person;
  const good = purchase?.good ?? random.pick(goods);
  const values = { name: shortName, goods: good.name[language], number: `ORD-${purchase?.number ?? ''}`, days: String(random.whole(2, 5)) };
  const thread = `${person.number}-${index}`;
  const platforms = new Map<string, string | undefined>();
  let time = inHours(at);
  return steps.map((step, place) => {
    time += Math.round(step.after * HOUR_MS);
    if (!platforms.has(step.medium)) platforms.set(step.medium, platformOf(random, step, person));
    return {
      number: `${thread}-${place + 1}`,
      at: time,
      step,
      purpose,
      platform: platforms.get(step.medium),
      title: step.title === undefined ? undefined : fill(step.title[language], values),
      text: fill(step.text[language], values),
      thread,
      duration: durationOf(random, step),
    };
  });
}

/** Everything that is said between a customer and the shop, matter by matter. */
export function conversationsOf(
  random: Random,
  person: Person,
  { from, to, purchases }: { readonly from: number; readonly to: number; readonly purchases: readonly Purchase[] },
): Said[] {
  const many = [random.whole(4, 7), random.whole(7, 12), random.whole(12, 20)][person.appetite] ?? 4;
  return Array.from({ length: many }, (_, index) => {
    const at = from + Math.floor(random.next() * (to - from));
    return matterOf(random, person, { at, index: index + 1, purchase: purchases.findLast((purchase) => purchase.at < at) });
  }).flat();
}

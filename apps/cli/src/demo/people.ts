import { Random } from './random.js';

/** Which texts a customer gets and gives. */
export type Language = 'en' | 'zh';

/** Where a customer lives, and who looks after it. */
export interface Market {
  readonly country: string;
  readonly zone: string;
  readonly currency: string;
  readonly sales: string;
  readonly care: string;
}

/** One customer of the demonstration. */
export interface Person {
  readonly number: string;
  readonly kind: 'person' | 'organisation';
  readonly language: Language;
  readonly market: Market;
  readonly name: {
    readonly full: string;
    readonly family?: string;
    readonly given?: string;
    readonly order?: 'family-first' | 'given-first';
    readonly script?: string;
    readonly phonetic?: string;
  };
  /** What it is called in a message. */
  readonly shortName: string;
  readonly contactPoints: readonly { readonly kind: string; readonly raw: string }[];
  /** How much it buys: 0 little, 2 much. */
  readonly appetite: 0 | 1 | 2;
  /** It has not been heard of for months. */
  readonly isDormant: boolean;
}

const UK: Market = { country: 'GB', zone: 'Europe/London', currency: 'GBP', sales: 'emea/uk/sales', care: 'emea/uk/care' };
const IRELAND: Market = { country: 'IE', zone: 'Europe/Dublin', currency: 'EUR', sales: 'emea/ie/sales', care: 'emea/uk/care' };
const USA: Market = { country: 'US', zone: 'America/New_York', currency: 'USD', sales: 'americas/us/sales', care: 'americas/us/care' };
/** Sales to Asia are in pounds, so that most customers can be segmented by one currency. */
const CHINA: Market = { country: 'CN', zone: 'Asia/Shanghai', currency: 'GBP', sales: 'apac/cn/sales', care: 'apac/cn/care' };
const SINGAPORE: Market = { country: 'SG', zone: 'Asia/Singapore', currency: 'GBP', sales: 'apac/sg/sales', care: 'apac/cn/care' };

const GIVEN = ['Alice', 'Ben', 'Carol', 'Daniel', 'Emma', 'Frank', 'Grace', 'Henry', 'Isla', 'Jack', 'Kate', 'Liam', 'Maya', 'Noah', 'Olivia', 'Paul', 'Ruth', 'Sam', 'Tara', 'Will'] as const;
const FAMILY = ['Archer', 'Baker', 'Carter', 'Dale', 'Ellis', 'Fisher', 'Green', 'Harper', 'Irwin', 'Keane', 'Lane', 'Mason', 'Nolan', 'Parker', 'Reed', 'Shaw', 'Turner', 'Walsh', 'Wood', 'Young'] as const;
/** Names with their readings. */
type Names = readonly [Name, ...Name[]];
type Name = readonly [written: string, read: string];

const SURNAMES: Names = [['王', 'Wáng'], ['李', 'Lǐ'], ['张', 'Zhāng'], ['刘', 'Liú'], ['陈', 'Chén'], ['杨', 'Yáng'], ['赵', 'Zhào'], ['黄', 'Huáng'], ['周', 'Zhōu'], ['吴', 'Wú'], ['徐', 'Xú'], ['孙', 'Sūn'], ['欧阳', 'Ōuyáng']];
const GIVEN_ZH: Names = [['伟', 'Wěi'], ['芳', 'Fāng'], ['秀英', 'Xiùyīng'], ['敏', 'Mǐn'], ['静', 'Jìng'], ['丽', 'Lì'], ['强', 'Qiáng'], ['磊', 'Lěi'], ['洋', 'Yáng'], ['艳', 'Yàn'], ['勇', 'Yǒng'], ['杰', 'Jié'], ['娟', 'Juān'], ['涛', 'Tāo'], ['明', 'Míng'], ['雪梅', 'Xuěméi'], ['子轩', 'Zǐxuān'], ['雨桐', 'Yǔtóng']];
const TRADES = ['Café', 'Tea Room', 'Bookshop', 'Hotel', 'Gallery', 'Studio'] as const;
const PLACES = ['Bridge Street', 'Old Harbour', 'Station Road', 'Riverside', 'Mill Lane', 'Market Square'] as const;
const TRADES_ZH = ['茶馆', '书店', '酒店', '咖啡馆', '画廊'] as const;
const PLACES_ZH = ['湖畔', '老街', '东门', '竹林', '南桥'] as const;

/** Numbers that are kept for fiction: Ofcom's for drama, and 555-01xx. */
function fictionalPhone({ country }: Market, index: number): string {
  const last = String(index % 1_000).padStart(3, '0');
  if (country === 'US') return `+1 212 555 01${last.slice(1)}`;
  return index % 2 === 0 ? `07700 900${last}` : `+44 20 7946 0${last}`;
}

function englishPerson(random: Random): Pick<Person, 'name' | 'shortName'> {
  const given = random.pick(GIVEN);
  const family = random.pick(FAMILY);
  return { name: { full: `${given} ${family}`, family, given, order: 'given-first', script: 'latn' }, shortName: given };
}

function chinesePerson(random: Random): Pick<Person, 'name' | 'shortName'> {
  const [family, familyPinyin] = random.pick(SURNAMES);
  const [given, givenPinyin] = random.pick(GIVEN_ZH);
  const full = `${family}${given}`;
  const name = { full, family, given, order: 'family-first', script: 'hans', phonetic: `${familyPinyin} ${givenPinyin}` } as const;
  return { name, shortName: `${full}${random.pick(['先生', '女士'])}` };
}

function organisation(random: Random, language: Language): Pick<Person, 'name' | 'shortName'> {
  const full = language === 'zh' ? `${random.pick(PLACES_ZH)}${random.pick(TRADES_ZH)}` : `${random.pick(PLACES)} ${random.pick(TRADES)}`;
  return { name: { full }, shortName: full };
}

function contactPointsOf(random: Random, index: number, language: Language, market: Market): Person['contactPoints'] {
  const number = String(index).padStart(3, '0');
  const points = [{ kind: 'email', raw: `customer${number}@example.${random.pick(['com', 'org', 'net'])}` }];
  if (language === 'zh') {
    points.push({ kind: 'wechat', raw: `wxid_demo_${number}` });
    return points;
  }
  points.push({ kind: 'phone', raw: fictionalPhone(market, index) });
  if (random.percent(40)) points.push({ kind: 'whatsapp', raw: fictionalPhone(market, index) });
  if (random.percent(15)) points.push({ kind: 'social', raw: `@demo_${number}` });
  return points;
}

/** The n-th customer, the same every time. */
export function personOf(index: number): Person {
  const random = new Random(index * 7_919);
  const language: Language = random.percent(40) ? 'zh' : 'en';
  const market = language === 'zh' ? random.pick([CHINA, CHINA, CHINA, SINGAPORE]) : random.pick([UK, UK, UK, IRELAND, USA]);
  const kind = random.percent(15) ? 'organisation' : 'person';
  const named = kind === 'organisation' ? organisation(random, language) : language === 'zh' ? chinesePerson(random) : englishPerson(random);
  return {
    number: String(index).padStart(4, '0'),
    kind,
    language,
    market,
    ...named,
    contactPoints: contactPointsOf(random, index, language, market),
    appetite: random.percent(20) ? 2 : random.percent(55) ? 1 : 0,
    isDormant: random.percent(25),
  };
}

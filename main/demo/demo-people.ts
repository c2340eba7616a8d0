/** The invented customers, desks and vans of the demo. Phone numbers are from the ranges that are kept for fiction. */

export interface DemoCustomer {
  readonly id: string;
  readonly name: string;
  readonly tier: 'vip' | 'standard' | 'new';
  readonly phone: string;
  readonly email: string;
  readonly city: string;
  readonly language: string;
}

const customer = (id: number, name: string, tier: DemoCustomer['tier'], phone: string, city: string, language: string): DemoCustomer => ({
  id: `demo-${id}`,
  name,
  tier,
  phone,
  email: `${name.toLowerCase().normalize('NFD').replaceAll(/[^a-z ]/g, '').trim().replaceAll(/ +/g, '.')}@example.org`,
  city,
  language,
});

export const DEMO_CUSTOMERS: readonly DemoCustomer[] = [
  customer(1001, 'Ada Brandt', 'vip', '+49 30 23125 018', 'Berlin', 'de'),
  customer(1002, 'Jonas Keller', 'standard', '+49 30 23125 114', 'Berlin', 'de'),
  customer(1003, 'Maren Vogt', 'standard', '+49 40 66969 122', 'Hamburg', 'de'),
  customer(1004, 'Amara Okafor', 'vip', '+44 20 7946 0042', 'London', 'en'),
  customer(1005, 'Tom Whitcombe', 'standard', '+44 20 7946 0117', 'London', 'en'),
  customer(1006, 'Élise Fournier', 'new', '+33 1 99 00 12 41', 'Lyon', 'fr'),
  customer(1007, 'Luca Ferri', 'standard', '+44 20 7946 0311', 'Milan', 'it'),
  customer(1008, 'Priya Raman', 'vip', '+44 113 496 0188', 'Leeds', 'en'),
  customer(1009, 'Hanna Lindqvist', 'standard', '+46 31 3900 622', 'Gothenburg', 'sv'),
  customer(1010, 'Georg Albers', 'new', '+49 221 4710 315', 'Cologne', 'de'),
  customer(1011, 'Nadia Haddad', 'standard', '+33 1 99 00 57 08', 'Paris', 'fr'),
  customer(1012, 'Oskar Wiśniewski', 'standard', '+49 30 23125 377', 'Poznań', 'pl'),
  customer(1013, 'Clara Montes', 'vip', '+44 20 7946 0526', 'Valencia', 'es'),
  customer(1014, 'Pieter de Boer', 'standard', '+44 161 496 0244', 'Utrecht', 'nl'),
];

/** Nobody answers at this number, and the demo's gateway says so for good. */
export const DEAD_NUMBER = '+49 30 23125 000';
/** The demo's webhook has no such reader, and says so for good. */
export const UNKNOWN_READER = 'archive-desk';

export const DEMO_DESK_NUMBERS = ['+49 30 5550 100', '+49 30 5550 110', '+49 30 5550 120'] as const;

export interface DemoMail {
  readonly subject: string;
  readonly body: string;
  /** Asked of the language model, if there is a demo one. */
  readonly question?: string;
}

export const DEMO_MAILS: readonly DemoMail[] = [
  { subject: 'Where is my order?', body: 'It was promised for Tuesday. Could you check, please?', question: 'Draft a short, friendly answer: the customer asks where their order is.' },
  { subject: 'Refund for the wrong size', body: 'I sent the parcel back last week and still wait for my refund.', question: 'Draft an answer that confirms a refund within five days.' },
  { subject: 'Thank you', body: 'Your driver was very kind. Please pass it on.' },
  { subject: 'Change of address', body: 'We have moved. The new address is Hafenstrasse 12.' },
  { subject: 'Contract renewal', body: 'Please send the contract by fax so that we can sign it today.' },
  { subject: 'Opening hours', body: 'Are you open on Saturday?', question: 'Answer in one sentence: are we open on Saturday (9 to 13)?' },
  { subject: 'Complaint about the invoice', body: 'Position 3 is charged twice. I ask for a refund.', question: 'Summarise the complaint in one sentence for the accounts desk.' },
  { subject: 'Archive request', body: 'Please file the attached delivery notes of last year.' },
];

export interface DemoVan {
  readonly subject: string;
  readonly start: number;
}
export const DEMO_VANS: readonly DemoVan[] = [
  { subject: 'demo-van-3', start: 0 },
  { subject: 'demo-van-7', start: 9 },
  { subject: 'demo-van-12', start: 17 },
];

const DEPOT = { latitude: 52.5006, longitude: 13.4402 };
const ROUND_STEPS = 28;

/** Where a van is after `step` steps of its round through the city, which begins and ends at the depot. */
export function vanPosition(step: number): { latitude: number; longitude: number; atDepot: boolean } {
  const part = (step % ROUND_STEPS) / ROUND_STEPS;
  const angle = part * 2 * Math.PI;
  const round = (degrees: number): number => Math.round(degrees * 1e5) / 1e5;
  return {
    latitude: round(DEPOT.latitude + 0.035 * Math.sin(angle)),
    longitude: round(DEPOT.longitude - 0.06 * (1 - Math.cos(angle))),
    atDepot: step % ROUND_STEPS === 0,
  };
}

/** A square around the depot, as rules compare. */
export const DEPOT_AREA = { south: DEPOT.latitude - 0.002, north: DEPOT.latitude + 0.002, west: DEPOT.longitude - 0.002, east: DEPOT.longitude + 0.002 };

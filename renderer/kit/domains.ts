/** The seven stable hues of the domains. They mark things; they never carry text. */
const KNOWN = new Set(['connector', 'communication', 'data', 'rule', 'job', 'ai', 'system']);

/** CSS colour of a domain; domains that a site adds share one more hue. */
export function domainColour(domain: string): string {
  return `var(--domain-${KNOWN.has(domain) ? domain : 'other'})`;
}

/** The domain of an event type. */
export function domainOfType(eventType: string): string {
  const dot = eventType.indexOf('.');
  return dot < 0 ? eventType : eventType.slice(0, dot);
}

/** The order in which domains are drawn and listed; added ones follow by name. */
export function orderDomains(domains: Iterable<string>): string[] {
  const order = [...KNOWN];
  const rank = (domain: string): number => (KNOWN.has(domain) ? order.indexOf(domain) : order.length);
  return [...new Set(domains)].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

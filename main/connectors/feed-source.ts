/** RSS, Atom, RDF and JSON feeds, each item in one shape whatever the format. */
import { parseFeed } from 'feedsmith';
import { messageOf, NotRetryableError } from '../../shared/errors.ts';
import type { ConnectorConfig } from '../config/site-config.ts';
import { answerItems, fetchSource, shownUrl } from './fetch-source.ts';
import { fingerprintOf, idIn, storableText } from './record-identity.ts';
import type { Source, SourceItem } from './source.ts';

type FeedConfig = Extract<ConnectorConfig, { kind: 'feed' }>;

/** The shape of a record. What the item does not say is left out; dates are ISO 8601 where they can be read. */
export interface FeedItem {
  readonly id?: string;
  readonly title?: string;
  readonly link?: string;
  readonly summary?: string;
  readonly content?: string;
  readonly publishedAt?: string;
  readonly updatedAt?: string;
  readonly authors?: readonly string[];
  readonly categories?: readonly string[];
}

/** A record is named by its id field, else by the item's guid or id, else by its link. */
export function feedSource(config: FeedConfig): Source {
  const setting = `connectors.${config.id}.url`;
  const reading = fingerprintOf([config.url, config.idField ?? null]);
  return async function* read(position, signal) {
    const fetched = await fetchSource(
      { url: config.url, setting, signal, accept: 'application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5' },
      position,
      reading,
    );
    yield* answerItems(fetched, reading, position, (text) => feedRecords(text, config, setting));
  };
}

/** Records of a feed's text. @throws NotRetryableError naming the setting if it is no feed. */
export function* feedRecords(text: string, config: Pick<FeedConfig, 'url' | 'idField'>, setting: string): Generator<SourceItem, void, void> {
  let items: FeedItem[];
  let title: string | undefined;
  try {
    ({ items, title } = itemsOf(text));
  } catch (cause) {
    throw new NotRetryableError(`${setting} did not answer with a feed (${messageOf(cause)}).`, { cause });
  }
  const at = shownUrl(config.url);
  for (const [index, item] of items.entries()) {
    const record: Record<string, unknown> = { ...item, ...(title === undefined ? {} : { feed: title }) };
    const ownId = item.id ?? item.link;
    const id = config.idField !== undefined ? idIn(record, config.idField) : ownId === undefined ? null : idIn({ ownId }, 'ownId');
    if (id === null) yield { kind: 'problem', at: `${at} item ${index + 1}`, problem: config.idField === undefined ? 'has neither an id nor a link' : `has no value in the id field "${config.idField}"` };
    else yield { kind: 'record', recordId: id, record, receivedFrom: at };
  }
}

function itemsOf(text: string): { items: FeedItem[]; title: string | undefined } {
  const parsed = parseFeed(text);
  switch (parsed.format) {
    case 'rss':
      return {
        title: parsed.feed.title,
        items: (parsed.feed.items ?? []).map((item) =>
          feedItem({
            id: item.guid?.value,
            title: item.title,
            link: item.link,
            summary: item.description,
            content: item.content?.encoded,
            publishedAt: instantOf(item.pubDate),
            authors: item.authors?.flatMap((author) => namesOf(author)) ?? item.dc?.creators,
            categories: item.categories?.flatMap(({ name }) => name ?? []),
          }),
        ),
      };
    case 'atom':
      return {
        title: parsed.feed.title?.value,
        items: (parsed.feed.entries ?? []).map((entry) =>
          feedItem({
            id: entry.id,
            title: entry.title?.value,
            link: (entry.links?.find(({ rel }) => rel === undefined || rel === 'alternate') ?? entry.links?.[0])?.href,
            summary: entry.summary?.value,
            content: entry.content?.value,
            publishedAt: instantOf(entry.published),
            updatedAt: instantOf(entry.updated),
            authors: entry.authors?.flatMap((author) => namesOf(author)),
            categories: entry.categories?.flatMap(({ label, term }) => label ?? term ?? []),
          }),
        ),
      };
    case 'rdf':
      return {
        title: parsed.feed.title,
        items: (parsed.feed.items ?? []).map((item) =>
          feedItem({
            id: item.rdf?.about,
            title: item.title,
            link: item.link,
            summary: item.description,
            content: item.content?.encoded,
            publishedAt: instantOf(item.dc?.dates?.[0]),
            authors: item.dc?.creators,
            categories: item.dc?.subjects,
          }),
        ),
      };
    case 'json':
      return {
        title: parsed.feed.title,
        items: (parsed.feed.items ?? []).map((item) =>
          feedItem({
            id: item.id,
            title: item.title,
            link: item.url ?? item.external_url,
            summary: item.summary,
            content: item.content_text ?? item.content_html,
            publishedAt: instantOf(item.date_published),
            updatedAt: instantOf(item.date_modified),
            authors: item.authors?.flatMap((author) => namesOf(author)),
            categories: item.tags,
          }),
        ),
      };
  }
}

function feedItem(fields: { [Field in keyof FeedItem]: FeedItem[Field] | undefined }): FeedItem {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0)));
}

function namesOf(author: string | { name?: string | undefined; email?: string | undefined }): string[] {
  if (typeof author === 'string') return [author];
  const name = author.name ?? author.email;
  return name === undefined ? [] : [name];
}

function instantOf(words: string | undefined): string | undefined {
  if (words === undefined) return undefined;
  const ms = Date.parse(words);
  return Number.isNaN(ms) ? storableText(words) : new Date(ms).toISOString();
}

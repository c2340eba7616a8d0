/**
 * The demo: invented traffic through the site's real path, with endpoints on loopback that play the outside world.
 *
 * While it runs, the demo's channel, connector and rules are part of the site's configuration, and its gateways and
 * model stand in where the site has none. The site's own rules are not evaluated for demo events, and demo events
 * never reach a real gateway or model.
 */
import type { Envelope } from '../../shared/envelope.ts';
import type { SiteConfig } from '../config/site-config.ts';
import type { RuleStore } from '../rules/rule-store.ts';
import { type DemoConfig, demoConfig } from './demo-config.ts';
import { DEMO_MOOD, DemoEndpoints, type DemoMood } from './demo-endpoints.ts';
import { DemoTraffic } from './demo-traffic.ts';

export interface DemoSiteOptions {
  /** The running site's configuration; the demo adds its parts to it and takes them out again. */
  readonly config: Pick<SiteConfig, 'channels' | 'gateways' | 'llm' | 'connectors' | 'rules'>;
  readonly rules: Pick<RuleStore, 'sync'>;
  publish(event: Envelope): Promise<void>;
  onError(error: unknown): void;
  readonly mood?: DemoMood;
}

/** After the traffic stops, its jobs still need their endpoints for a while, ms. */
const GRACE_MS = 60_000;

export class DemoSite {
  readonly #options: DemoSiteOptions;
  readonly #endpoints: DemoEndpoints;
  #traffic: DemoTraffic | null = null;
  #added: DemoConfig | null = null;
  #leaving: NodeJS.Timeout | undefined;
  #published = 0;
  /** Starts and stops follow one another. */
  #last: Promise<void> = Promise.resolve();

  constructor(options: DemoSiteOptions) {
    this.#options = options;
    this.#endpoints = new DemoEndpoints(options.mood ?? DEMO_MOOD);
  }

  get running(): boolean {
    return this.#traffic !== null;
  }

  /** Events since the site started. */
  get published(): number {
    return this.#published + (this.#traffic?.published ?? 0);
  }

  /** The parts that the demo has added to the configuration; null if it has added none. */
  config(): DemoConfig | null {
    return this.#added;
  }

  /** Resolves once traffic flows. Nothing happens if it does already. */
  start(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#traffic) return;
      clearTimeout(this.#leaving);
      await this.#endpoints.start();
      const added = this.#added ?? this.#addParts();
      await this.#options.rules.sync([...this.#options.config.rules, ...added.rules]);
      const traffic = new DemoTraffic({
        publish: (event) => this.#options.publish(event),
        onError: (error) => this.#options.onError(error),
        asksModel: this.#options.config.llm === added.llm,
        ...(this.#options.mood ? { random: this.#options.mood.random } : {}),
      });
      this.#traffic = traffic;
      traffic.start();
    });
  }

  /** No demo event is published once it resolves. Endpoints and configuration stay for a minute, for the jobs under way. */
  stop(): Promise<void> {
    return this.#inTurn(async () => {
      const traffic = this.#traffic;
      if (!traffic) return;
      this.#traffic = null;
      await traffic.stop();
      this.#published += traffic.published;
      this.#leaving = setTimeout(() => void this.close().catch((error: unknown) => this.#options.onError(error)), GRACE_MS);
      this.#leaving.unref();
    });
  }

  /** Stop at once, endpoints and configuration included. */
  async close(): Promise<void> {
    await this.stop();
    await this.#inTurn(async () => {
      // Started again while the minute passed.
      if (this.#traffic) return;
      clearTimeout(this.#leaving);
      const added = this.#added;
      this.#added = null;
      await this.#endpoints.stop();
      if (!added) return;
      removeParts(this.#options.config, added);
      await this.#options.rules.sync(this.#options.config.rules);
    });
  }

  #addParts(): DemoConfig {
    const { config } = this.#options;
    const parts = demoConfig(this.#endpoints.url, { telephony: config.gateways.telephony === undefined, fax: config.gateways.fax === undefined });
    Object.assign(config.channels, parts.channels);
    config.connectors.push(...parts.connectors);
    for (const kind of ['telephony', 'fax'] as const) {
      const gateway = parts.gateways[kind];
      if (config.gateways[kind] === undefined && gateway) config.gateways[kind] = gateway;
    }
    config.llm ??= parts.llm;
    this.#added = parts;
    return parts;
  }

  #inTurn(step: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(step);
    this.#last = turn.catch(() => {});
    return turn;
  }
}

function removeParts(config: DemoSiteOptions['config'], parts: DemoConfig): void {
  for (const name of Object.keys(parts.channels)) delete config.channels[name];
  config.connectors = config.connectors.filter((connector) => !parts.connectors.includes(connector));
  for (const kind of ['telephony', 'fax'] as const) if (config.gateways[kind] === parts.gateways[kind]) delete config.gateways[kind];
  if (config.llm === parts.llm) delete config.llm;
}

/** The parts of the NATS client that this driver uses, in one place: the client is pinned, and this is what to check when it moves. */
export {
  AckPolicy, DeliverPolicy, DiscardPolicy, jetstream, jetstreamManager, JetStreamApiError, PersistMode, RetentionPolicy, StorageType,
} from '@nats-io/jetstream';
export type { Consumer, ConsumerInfo, ConsumerMessages, JetStreamClient, JetStreamManager, JsMsg, StoredMsg, StreamConfig } from '@nats-io/jetstream';
export {
  connect, credsAuthenticator, headers, MsgHdrsImpl, nkeyAuthenticator, nuid, type Authenticator, type ConnectionOptions, type Msg, type MsgHdrs, type NatsConnection, type Subscription,
} from '@nats-io/transport-node';

#!/bin/sh
# Publish one event over HTTP. The headless host writes its address and token into the data folder.
#
#   examples/publish.sh <data folder>
set -eu
folder=${1:?usage: publish.sh <data folder>}
url=$(sed -n 's/.*"url": *"\([^"]*\)".*/\1/p' "$folder/run/site.json")

# The token goes in by standard input, so that it is in no process list. eventId, timestamp and the like are filled in.
printf 'header = "Authorization: Bearer %s"\n' "$(cat "$folder/run/token")" |
  curl --fail-with-body --silent --show-error --config - \
    --header 'Content-Type: application/json' \
    --data '{
      "eventType": "communication.CallStarted",
      "source": "examples.publish-sh",
      "data": { "callId": "example-2", "from": "+49 30 23125 018", "to": "+49 30 5550 100", "direction": "inbound", "customer": { "id": "c-1", "name": "Ada Brandt", "tier": "vip" } }
    }' \
    "${url}api/events"
echo

#!/bin/sh
# Is there a Chromium for the browser tests? Install Debian's where we may, else say plainly what to install.
for name in chromium chromium-browser google-chrome google-chrome-stable; do
  command -v "$name" >/dev/null 2>&1 && exit 0
done
[ -n "${CHROMIUM:-}" ] && exit 0
for app in "/Applications/Google Chrome.app" "/Applications/Chromium.app"; do [ -d "$app" ] && exit 0; done
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
  echo "Installing Chromium for the browser tests (once) ..."
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null && exit 0
fi
echo "The browser tests need Chromium or Chrome, and none was found." >&2
echo "Install it (Debian, Ubuntu: sudo apt-get install chromium; macOS, Windows: Google Chrome), or name one: CHROMIUM=/path make test" >&2
exit 1

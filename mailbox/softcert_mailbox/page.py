"""The inbox's page: a Jinja template, always rendered with escaping on. No scripts, nothing loaded from elsewhere."""

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Inbox{% if shown %}: {{ shown.subject }}{% endif %}</title>
<style>
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #ccc; vertical-align: top; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f4f4f4; padding: 1rem; }
  iframe { width: 100%; height: 24rem; border: 1px solid #ccc; background: #fff; }
  tr.shown { background: #eef4ff; }
  .state { color: #a33; }
</style>
<h1><a href="/">Inbox</a></h1>
<form method="get" action="/" role="search">
  <label>Search <input type="search" name="q" value="{{ q }}"></label>
  <label>Recipient <input name="recipient" value="{{ recipient }}"></label>
  <button>Find</button>
</form>
{% if down %}<p class="state">The mail server is down: connections are refused.</p>{% endif %}
{% for plan in plans %}
<p class="state">Planned: {{ plan.kind }} × {{ plan.count }} — {{ plan.row.about }}</p>
{% endfor %}
{% if held %}<p class="state">Accepted but held back: {{ held }}</p>{% endif %}
{% if messages %}
<table>
  <thead><tr><th>#</th><th>To</th><th>Subject</th><th>Purpose</th><th>Received</th></tr></thead>
  <tbody>
  {% for message in messages %}
  <tr{% if shown and message.id == shown.id %} class="shown"{% endif %}>
    <td>{{ message.id }}</td>
    <td>{{ message.recipient }}</td>
    <td><a href="/?{{ {"id": message.id, "q": q, "recipient": recipient} | urlencode }}">\
{{ message.subject or "(no subject)" }}</a></td>
    <td>{{ message.purpose }}</td>
    <td>{{ message.received_at | time }}</td>
  </tr>
  {% endfor %}
  </tbody>
</table>
{% else %}<p>No mail{% if q or recipient %} fits{% else %} yet{% endif %}.</p>{% endif %}
{% if shown %}
<h2>{{ shown.subject or "(no subject)" }}</h2>
<p>From {{ shown.sender or "<>" }} to {{ shown.recipient }}, {{ shown.received_at | time }}
  · <a href="/api/messages/{{ shown.id }}/raw">as received</a></p>
{% if shown.text %}<h3>Text</h3><pre>{{ shown.text }}</pre>{% endif %}
{% if shown.html %}<h3>HTML</h3>
<iframe sandbox title="The mail as HTML" srcdoc="{{ shown.html }}"></iframe>{% endif %}
{% if shown.addresses() %}<h3>Addresses</h3><ul>
{% for address in shown.addresses() %}<li><a href="{{ address }}" rel="noreferrer">{{ address }}</a></li>{% endfor %}
</ul>{% endif %}
<details><summary>Headers</summary><table>
{% for name, value in shown.headers %}<tr><th>{{ name }}</th><td>{{ value }}</td></tr>{% endfor %}
</table></details>
{% endif %}
</html>
"""

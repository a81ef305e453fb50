"""How frameworks configure SMTP: each without TLS, with it, by default, and without verification."""

from __future__ import annotations

import pytest

from examined import lines

RULES = ("smtp-without-tls", "tls-verification-off", "opportunistic-starttls", "smtp-account-login")
HOST = "smtp.sendgrid.net"


def case(
    name: str, path: str, text: str, *, off: int = 0, unverified: int = 0, attempts: int = 0, account: int = 0
) -> object:
    """A file, and the line of what each rule finds in it; 0 for nothing. ``<relay>`` is the server."""
    expected = dict(zip(RULES, (off, unverified, attempts, account), strict=True))
    return pytest.param(path, text.replace("<relay>", HOST).lstrip("\n"), expected, id=name)


CASES = (
    case("Django, a class of settings", "conf.py", """
class Production(Base):
    EMAIL_HOST = "<relay>"
    EMAIL_HOST_USER = "apikey"
    EMAIL_USE_TLS = False
""", off=4),
    case("Django, by default", "settings.py", """
EMAIL_PORT = 587
EMAIL_HOST = '<relay>'
""", off=2),
    case("Django, TLS", "settings.py", "EMAIL_HOST = '<relay>'\nEMAIL_USE_TLS = True\n"),
    case("Django, TLS by a variable", "settings.py", "EMAIL_HOST = '<relay>'\nEMAIL_USE_TLS = env.bool('TLS')\n"),
    case("Django, TLS as the default of a variable", "settings.py", """
EMAIL_HOST = config("EMAIL_HOST", default="<relay>")
EMAIL_USE_TLS = config("EMAIL_USE_TLS", default=True, cast=bool)
"""),
    case("Django, no TLS as the default of a variable", "settings.py", """
EMAIL_HOST = config("EMAIL_HOST", default="<relay>")
EMAIL_USE_TLS = config("EMAIL_USE_TLS", default=False, cast=bool)
""", off=2),
    case("Django, two servers", "settings.py", """
if DEBUG:
    EMAIL_HOST = "localhost"
    EMAIL_HOST_USER = "me"
    EMAIL_USE_TLS = False
else:
    EMAIL_HOST = "<relay>"
    EMAIL_HOST_USER = "apikey"
    EMAIL_USE_TLS = True
"""),
    case("Django, in the environment", ".env.production", "EMAIL_HOST=<relay>\nEMAIL_USE_TLS=False\n", off=2),
    case("Django, in the environment, without a word", ".env.production", "EMAIL_HOST=<relay>\nEMAIL_PORT=587\n"),
    case("Django, one connection", "mail.py", """
connection = get_connection(
    host="<relay>",
    username="acme",
    use_tls=False,
)
""", off=4, account=3),
    case("Flask", "config.py", 'MAIL_SERVER = "<relay>"\nMAIL_USE_TLS = False\nMAIL_USE_SSL = False\n', off=2),
    case("Flask, an update", "app.py", """
app.config.update(
    MAIL_SERVER="<relay>",
    MAIL_PORT=587,
    MAIL_USERNAME="acme",
)
""", off=2, account=4),
    case("Flask, SSL", "app.py", 'app.config["MAIL_SERVER"] = "<relay>"\napp.config["MAIL_USE_SSL"] = True\n'),
    case("fastapi-mail", "mail.py", """
conf = ConnectionConfig(
    MAIL_SERVER="<relay>",
    MAIL_STARTTLS=False,
    MAIL_SSL_TLS=False,
    VALIDATE_CERTS=False,
)
""", off=3, unverified=5),
    case("smtplib", "send.py", """
import smtplib

def send(message):
    server = smtplib.SMTP(SERVER, 587)
    server.login("acme", PASSWORD)

SERVER = "<relay>"
""", off=4, account=5),
    case("smtplib, in two functions", "send.py", """
import smtplib

def plain():
    server = smtplib.SMTP("<relay>")
    server.login("apikey", KEY)

def secure():
    server = smtplib.SMTP("<relay>", 587)
    server.starttls()
    server.login("apikey", KEY)
""", off=4),
    case("smtplib, by steps", "send.py", """
import smtplib

class Mail:
    def __init__(self):
        self.server = smtplib.SMTP("<relay>", 587)

    def open(self):
        self.server.starttls()
        self.server.login("apikey", KEY)
"""),
    case("smtplib, an unverified context", "send.py", """
import smtplib, ssl

def send(message):
    server = smtplib.SMTP("<relay>", 587)
    server.starttls(context=ssl._create_unverified_context())
    server.login("apikey", KEY)
""", unverified=5),
    case("SMTPHandler", "log.py", """
handler = logging.handlers.SMTPHandler(("<relay>", 587), sender, to, subject, credentials=("apikey", KEY))
""", off=1),
    case("SMTPHandler, secure", "log.py", """
handler = logging.handlers.SMTPHandler(("<relay>", 587), sender, to, subject, credentials=("apikey", KEY), secure=())
"""),
    case("aiosmtplib", "send.py", """
import aiosmtplib
await aiosmtplib.send(message, hostname="<relay>", port=587, start_tls=False)
""", off=2),
    case("Airflow", "docker-compose.yml", """
x-airflow:
  environment:
    AIRFLOW__SMTP__SMTP_HOST: <relay>
    AIRFLOW__SMTP__SMTP_STARTTLS: "False"
    AIRFLOW__SMTP__SMTP_SSL: "False"
    AIRFLOW__SMTP__SMTP_USER: acme
""", off=4, account=6),
    case("Rails, symbols", "production.rb", """
config.action_mailer.smtp_settings = {
  :address => '<relay>',
  :user_name => 'acme',
  :openssl_verify_mode => OpenSSL::SSL::VERIFY_NONE,
  :enable_starttls_auto => false
}
""", off=5, unverified=4, account=3),
    case("Rails, by default", "production.rb", """
ActionMailer::Base.smtp_settings = {
  address: ENV.fetch("SMTP_HOST", "<relay>"),
  port: 587,
}
""", attempts=2),
    case("Rails, always", "production.rb", """
ActionMailer::Base.smtp_settings = {
  address: "<relay>",
  enable_starttls: :always,
  enable_starttls_auto: false,
}
"""),
    case("Rails, implicit", "production.rb", """
ActionMailer::Base.smtp_settings = { address: "<relay>", port: 465, tls: true, enable_starttls_auto: false }
"""),
    case("GitLab", "gitlab.rb", """
gitlab_rails['smtp_address'] = "<relay>"
gitlab_rails['smtp_user_name'] = "acme"
gitlab_rails['smtp_enable_starttls_auto'] = false
gitlab_rails['smtp_openssl_verify_mode'] = 'none'
""", off=3, unverified=4, account=2),
    case("Mastodon", ".env.production", """
SMTP_SERVER=<relay>
SMTP_LOGIN=apikey
SMTP_ENABLE_STARTTLS=auto
SMTP_OPENSSL_VERIFY_MODE=none
""", attempts=3, unverified=4),
    case("Discourse", "app.yml", """
env:
  DISCOURSE_SMTP_ADDRESS: <relay>
  DISCOURSE_SMTP_ENABLE_START_TLS: false
  DISCOURSE_SMTP_OPENSSL_VERIFY_MODE: none
""", off=3, unverified=4),
    case("Laravel", ".env", """
MAIL_MAILER=smtp
MAIL_HOST=<relay>
MAIL_USERNAME=acme
MAIL_ENCRYPTION=
""", off=4, account=3),
    case("Laravel, TLS", ".env", "MAIL_MAILER=smtp\nMAIL_HOST=<relay>\nMAIL_ENCRYPTION=tls\n"),
    case("Laravel, verification", "mail.php", """<?php
return ['mailers' => ['smtp' => [
    'transport' => 'smtp',
    'host' => env('MAIL_HOST', '<relay>'),
    'encryption' => env('MAIL_ENCRYPTION', 'tls'),
    'stream' => ['ssl' => ['verify_peer' => false]],
]]];
""", unverified=6),
    case("Symfony", ".env", "MAILER_DSN=smtp://apikey:x@<relay>:587?auto_tls=false\n", off=1),
    case("Symfony, verification", ".env", "MAILER_DSN=sendgrid+smtp://x@default?verify_peer=0\n", unverified=1),
    case("Symfony, as it comes", ".env", "MAILER_DSN=smtp://apikey:x@<relay>:587\n"),
    case("Symfony, an account", ".env", "MAILER_DSN=smtp://acme:x@<relay>:587\n", account=1),
    case("SwiftMailer", "send.php", """<?php
$transport = Swift_SmtpTransport::newInstance('<relay>', 587);
$transport->setUsername('acme');
""", off=2, account=3),
    case("SwiftMailer, TLS", "send.php", "<?php\n$transport = new Swift_SmtpTransport('<relay>', 587, 'tls');\n"),
    case("SwiftMailer, TLS by a setter", "send.php", """<?php
$transport = (new Swift_SmtpTransport('<relay>', 587))->setUsername('apikey')->setEncryption('tls');
"""),
    case("PHPMailer", "send.php", """<?php
$mail = new PHPMailer();
$mail->isSMTP();
$mail->Host = '<relay>';
$mail->SMTPAuth = true;
$mail->Username = 'acme';
$mail->SMTPAutoTLS = false;
$mail->SMTPOptions = ['ssl' => ['verify_peer' => false]];
""", off=7, unverified=8, account=6),
    case("PHPMailer, TLS", "send.php", """<?php
$mail->isSMTP();
$mail->Host = '<relay>';
$mail->SMTPSecure = PHPMailer::ENCRYPTION_STARTTLS;
"""),
    case("CodeIgniter", "email.php", """<?php
$config = ['protocol' => 'smtp', 'smtp_host' => '<relay>', 'smtp_user' => 'apikey'];
""", off=2),
    case("Spring", "application.properties", """
spring.mail.host=<relay>
spring.mail.username=acme
spring.mail.properties.mail.smtp.starttls.enable=false
spring.mail.properties.mail.smtp.ssl.trust=*
""", off=3, unverified=4, account=2),
    case("Spring, nested", "application.yml", """
spring:
  mail:
    host: ${MAIL_HOST:<relay>}
    properties:
      mail:
        smtp:
          starttls:
            enable: true
            required: true
"""),
    case("Spring, a profile over another file", "application-prod.yml", "spring:\n  mail:\n    host: <relay>\n"),
    case("Quarkus", "application.properties", """
quarkus.mailer.host=<relay>
quarkus.mailer.start-tls=DISABLED
quarkus.mailer.trust-all=true
""", off=2, unverified=3),
    case("JavaMail", "Mail.java", """
class Mail {
  void send() {
    Properties p = new Properties();
    p.setProperty("mail.smtp.host", "<relay>");
    p.setProperty("mail.smtp.auth", "true");
    p.setProperty("mail.smtp.starttls.enable", "true");
    p.setProperty("mail.smtp.starttls.required", "true");
    p.setProperty("mail.smtp.ssl.checkserveridentity", "false");
  }
}
""", unverified=8),
    case("JavaMailSender of Spring", "Mail.java", """
class Mail {
  JavaMailSender sender() {
    JavaMailSenderImpl sender = new JavaMailSenderImpl();
    sender.setHost("<relay>");
    sender.setUsername("acme");
    Properties props = sender.getJavaMailProperties();
    props.put("mail.smtp.auth", "true");
    props.put("mail.smtp.starttls.enable", "false");
    return sender;
  }
}
""", off=8, account=5),
    case("nodemailer", "mail.js", """
const transport = nodemailer.createTransport({
  host: process.env.SMTP_HOST || "<relay>",
  port: 587,
  secure: false,
  requireTLS: true,
  auth: { user: "acme", pass },
  tls: { rejectUnauthorized: false },
});
""", unverified=7, account=6),
    case("nodemailer, by service", "mail.js", """
nodemailer.createTransport({ service: "sendgrid", auth: { user: "apikey", pass } });
""", attempts=1),
    case("nodemailer, by address", "mail.js", """
nodemailer.createTransport(`smtp://apikey:${key}@<relay>:587?ignoreTLS=true`);
""", off=1),
    case("Ghost", "config.production.json", """
{
  "mail": {
    "transport": "SMTP",
    "options": { "service": "SendGrid", "auth": { "user": "acme", "pass": "" },
      "tls": { "rejectUnauthorized": false } }
  }
}
""", unverified=5, account=4),
    case("System.Net.Mail", "Mail.cs", """
using System.Net.Mail;
class Mail {
  void Send() {
    var client = new SmtpClient {
      Host = "<relay>",
      EnableSsl = false,
      Credentials = new NetworkCredential("acme", password)
    };
  }
}
""", off=6, account=7),
    case("System.Net.Mail, by default", "Mail.cs", """
using System.Net.Mail;
class Mail {
  void Send() {
    using (var client = new SmtpClient("<relay>")) {
      client.Port = 587;
      client.Credentials = new NetworkCredential("apikey", key);
    }
  }
}
""", off=4),
    case("System.Net.Mail, TLS", "Mail.cs", """
using System.Net.Mail;
class Mail {
  void Send() {
    var client = new SmtpClient("<relay>", 587) { EnableSsl = true };
  }
}
"""),
    case("MailKit", "Mail.cs", """
using MailKit.Net.Smtp;
class Mail {
  void Send() {
    var client = new SmtpClient();
    client.ServerCertificateValidationCallback = (s, c, h, e) => true;
    client.Connect("<relay>", 587, SecureSocketOptions.None);
    client.Authenticate("acme", password);
  }
}
""", off=6, unverified=5, account=7),
    case("MailKit, TLS", "Mail.cs", """
using MailKit.Net.Smtp;
class Mail {
  void Send() {
    client.Connect("<relay>", 587, SecureSocketOptions.StartTls);
  }
}
"""),
    case("mailSettings", "web.config", """
<configuration><system.net><mailSettings><smtp>
  <network host="<relay>" enableSsl="false" userName="acme" />
</smtp></mailSettings></system.net></configuration>
""", off=2, account=2),
    case("appSettings", "app.config", """
<configuration><appSettings>
  <add key="SmtpHost" value="<relay>" />
  <add key="EnableSsl" value="false" />
</appSettings></configuration>
""", off=3),
    case("Jenkins", "hudson.tasks.Mailer.xml", """
<hudson.tasks.Mailer_-DescriptorImpl>
  <smtpHost><relay></smtpHost>
  <useSsl>false</useSsl>
  <smtpPort>587</smtpPort>
</hudson.tasks.Mailer_-DescriptorImpl>
""", off=3),
    case("Alertmanager", "alertmanager.yml", """
global:
  smtp_smarthost: <relay>:587
  smtp_auth_username: acme
receivers:
  - name: ops
    email_configs:
      - to: ops@example.com
        require_tls: false
        tls_config:
          insecure_skip_verify: true
  - name: hook
    webhook_configs:
      - url: https://example.com
        http_config:
          tls_config:
            insecure_skip_verify: true
""", off=8, unverified=10, account=3),
    case("Grafana, in the environment", "docker-compose.yml", """
services:
  grafana:
    environment:
      - GF_SMTP_ENABLED=true
      - GF_SMTP_HOST=<relay>:587
      - GF_SMTP_SKIP_VERIFY=true
      - GF_SMTP_STARTTLS_POLICY=NoStartTLS
""", off=7, unverified=6),
    case("Keycloak", "realm.json", """
{
  "realm": "acme",
  "smtpServer": {
    "host": "<relay>",
    "starttls": "false",
    "ssl": "",
    "user": "acme"
  }
}
""", off=5, account=7),
    case("Keycloak in Terraform, by default", "realm.tf", """
resource "keycloak_realm" "main" {
  smtp_server {
    host = "<relay>"
    from = "a@example.com"
  }
}
""", off=3),
    case("Postfix", "main.cf", """
relayhost = [<relay>]:587
smtp_sasl_auth_enable = yes
smtp_tls_security_level = may
""", attempts=3),
    case("msmtp", ".msmtprc", """
account sendgrid
host <relay>
tls off
user acme
tls_certcheck off
""", off=3, unverified=5, account=4),
    case("Mattermost", "config.json", """
{"EmailSettings": {
  "SMTPServer": "<relay>",
  "ConnectionSecurity": "",
  "SkipServerCertificateVerification": true
}}
""", off=3, unverified=4),
    case("Vaultwarden", ".env", """
SMTP_HOST=<relay>
SMTP_SECURITY=off
SMTP_ACCEPT_INVALID_CERTS=true
""", off=2, unverified=3),
    case("gomail", "mail.go", """
package mail

func send() {
	d := gomail.NewDialer("<relay>", 587, "acme", password)
	d.TLSConfig = &tls.Config{InsecureSkipVerify: true}
}
""", unverified=5, account=4, attempts=4),
    case("a GitHub action", ".github/workflows/mail.yml", """
jobs:
  mail:
    steps:
      - uses: dawidd6/action-send-mail@v3
        with:
          server_address: <relay>
          server_port: 465
          username: acme
          ignore_cert: true
""", unverified=9, account=8),
    case("Helm", "values.tf", """
resource "helm_release" "grafana" {
  set {
    name  = "grafana.ini.smtp.host"
    value = "<relay>:587"
  }
  set {
    name  = "grafana.ini.smtp.skip_verify"
    value = "true"
  }
}
""", unverified=8),
    case("Send-MailMessage", "send.ps1", """
Send-MailMessage -SmtpServer <relay> -Port 587 -Credential $credential -To $to -From $from
""", off=1),
    case("Send-MailMessage, TLS", "send.ps1", """
Send-MailMessage -SmtpServer <relay> -Port 587 -UseSsl -Credential $credential -To $to -From $from
"""),
    case("curl", "send.sh", """
curl --ssl smtp://<relay>:587 -u acme:$PASSWORD -k -T mail
""", unverified=1, attempts=1, account=1),
    case("swaks", "send.sh", """
swaks --server <relay> --auth-user apikey --auth-password $KEY --to a@example.com
""", off=1),
    case("names that stand for each other", "settings.py", "EMAIL_HOST = b\nb = EMAIL_HOST\n# <relay>\n"),
    case("a commented setting", "settings.py", '# EMAIL_HOST = "<relay>"\n# EMAIL_USE_TLS = False\n'),
    case("a server that is only mentioned", "notes.py", 'TEXT = "Use <relay> on port 587, EMAIL_USE_TLS = False"\n'),
)  # fmt: skip

# Requests, and what the whole process does: the lines on which verification is off.
REQUESTS = {
    "a session": ("send.py", """
def send(mail):
    session = requests.Session()
    session.verify = False
    session.post("https://api.sendgrid.com/v3/mail/send", json=mail)
""", [3]),
    "a session for another server, in another function": ("send.py", """
def ask():
    session = requests.Session()
    session.verify = False
    return session.get("https://intranet.example.com")

def send(mail):
    requests.post("https://api.sendgrid.com/v3/mail/send", json=mail)
""", []),
    "an agent that a request is given": ("send.js", """
const agent = new https.Agent({ rejectUnauthorized: false });
axios.get("https://intranet.example.com");
axios.post("https://api.sendgrid.com/v3/mail/send", mail, { httpsAgent: agent });
""", [1]),
    "an agent for another server": ("send.js", """
const sgMail = require("@sendgrid/mail");
const agent = new https.Agent({ rejectUnauthorized: false });
axios.get("https://intranet.example.com", { httpsAgent: agent });
sgMail.send(mail);
""", []),
    "an agent in the request": ("send.ts", """
await axios({
  url: "https://api.sendgrid.com/v3/mail/send",
  httpsAgent: new https.Agent({ rejectUnauthorized: false }),
});
""", [3]),
    "the whole of Node": ("index.js", """
process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
const sgMail = require("@sendgrid/mail");
""", [1]),
    "the whole of Node, in its environment": (".env.production", """
SENDGRID_API_KEY=${KEY}
NODE_TLS_REJECT_UNAUTHORIZED=0
""", [2]),
    "the whole of Node, in a script": ("package.json", """
{
  "scripts": { "start": "NODE_TLS_REJECT_UNAUTHORIZED=0 node index.js" },
  "dependencies": { "@sendgrid/mail": "^8.0.0" }
}
""", [2]),
    "the whole of Node, in another container": ("compose.yml", """
services:
  mail:
    environment:
      SENDGRID_API_KEY: ${SENDGRID_API_KEY}
  crawler:
    environment:
      NODE_TLS_REJECT_UNAUTHORIZED: "0"
""", []),
    "cURL of PHP": ("send.php", """<?php
function send($mail) {
  $ch = curl_init('https://api.sendgrid.com/v3/mail/send');
  curl_setopt($ch, CURLOPT_SSL_VERIFYPEER, false);
  curl_exec($ch);
}
""", [4]),
    "Guzzle": ("send.php", """<?php
$client->post('https://api.sendgrid.com/v3/mail/send', [
  'json' => $mail,
  'verify' => false,
]);
""", [4]),
    "options of the PHP library": ("send.php", """<?php
$options = ['turn_off_ssl_verification' => true];
$sendgrid = new \\SendGrid($key, $options);
""", [2]),
    "options of the PHP library, verified": ("send.php", """<?php
$sendgrid = new \\SendGrid($key, ['turn_off_ssl_verification' => false, 'verify_ssl' => true]);
""", []),
    "Net::HTTP": ("send.rb", """
def deliver(mail)
  uri = URI("https://api.sendgrid.com/v3/mail/send")
  http = Net::HTTP.new(uri.host, uri.port)
  http.verify_mode = OpenSSL::SSL::VERIFY_NONE
end
""", [4]),
    "a client of Go": ("send.go", """
package mail

func send() {
	tr := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	client := &http.Client{Transport: tr}
	req, _ := http.NewRequest("POST", "https://api.sendgrid.com/v3/mail/send", body)
	client.Do(req)
}

func ask() {
	tr := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	http.Get("https://intranet.example.com")
}
""", [4]),
    "every request of .NET": ("Mail.cs", """
using SendGrid;
class Mail {
  void Send() {
    ServicePointManager.ServerCertificateValidationCallback += (sender, cert, chain, errors) => true;
  }
}
""", [4]),
    "a handler of .NET": ("Mail.cs", """
class Mail {
  void Send() {
    var handler = new HttpClientHandler();
    handler.ServerCertificateCustomValidationCallback = (message, cert, chain, errors) => { return true; };
    var client = new HttpClient(handler);
    client.PostAsync("https://api.sendgrid.com/v3/mail/send", content);
  }
}
""", [4]),
    "a callback that asks": ("Mail.cs", """
using SendGrid;
class Mail {
  void Send() {
    ServicePointManager.ServerCertificateValidationCallback = (s, c, chain, errors) => errors == SslPolicyErrors.None;
  }
}
""", []),
    "every verifier of Java": ("Mail.java", """
import com.sendgrid.SendGrid;
class Mail {
  void open() {
    HttpsURLConnection.setDefaultHostnameVerifier((host, session) -> true);
  }
}
""", [4]),
    "PowerShell": ("send.ps1", """
Invoke-RestMethod -Uri https://api.sendgrid.com/v3/mail/send -Method Post -SkipCertificateCheck
""", [1]),
    "other commands": ("send.sh", """
wget --no-check-certificate https://api.sendgrid.com/v3/scopes
http --verify=no https://api.sendgrid.com/v3/scopes
curl https://api.sendgrid.com/v3/scopes \\
  --insecure
curl -fsSLk https://intranet.example.com
curl -Hk https://api.sendgrid.com/v3/scopes
""", [1, 2, 4]),
    "a task of Ansible": ("tasks/main.yml", """
- name: key
  ansible.builtin.uri:
    url: https://api.sendgrid.com/v3/api_keys
    method: POST
    validate_certs: false
- name: status
  ansible.builtin.uri:
    url: https://intranet.example.com
    validate_certs: false
""", [5]),
    "a step of CI": (".github/workflows/mail.yml", """
jobs:
  mail:
    steps:
      - run: |
          curl -sk https://api.sendgrid.com/v3/scopes -H "Authorization: Bearer $SENDGRID_API_KEY"
""", [5]),
}  # fmt: skip

SENDERS = {
    "Python, by place": ("mail.py", """
from sendgrid.helpers.mail import Mail, Email
mail = Mail(Email("acme@gmail.com"), subject, Email("b@gmail.com"), content)
""", [2]),
    "Go": ("mail.go", """
package mail
import "github.com/sendgrid/sendgrid-go/helpers/mail"
func send() {
	from := mail.NewEmail("Acme", "acme@gmail.com")
	to := mail.NewEmail("Someone", "someone@gmail.com")
}
""", [4]),
    "C#": ("Mail.cs", """
using SendGrid;
class Mail {
  void Send() {
    var msg = new SendGridMessage { From = new EmailAddress("acme@outlook.com", "Acme") };
    msg.AddTo(new EmailAddress("someone@outlook.com"));
  }
}
""", [4]),
    "Java": ("Mail.java", """
import com.sendgrid.*;
class Mail {
  void send() {
    Email from = new Email("acme@gmail.com");
    Email to = new Email("someone@gmail.com");
  }
}
""", [4]),
    "Ruby": ("mail.rb", """
require 'sendgrid-ruby'
from = SendGrid::Email.new(email: 'acme@gmail.com')
to = SendGrid::Email.new(email: 'someone@gmail.com')
""", [2]),
    "Rails": ("mailer.rb", """
# Sent with SENDGRID_API_KEY
class Mailer < ActionMailer::Base
  default from: "Acme <acme@gmail.com>"
  self.smtp_settings = { address: "smtp.sendgrid.net" }
end
""", [3]),
    "Django": ("settings.py", """
EMAIL_HOST = "smtp.sendgrid.net"
DEFAULT_FROM_EMAIL = "Acme <acme@gmail.com>"
ADMINS = [("Me", "me@gmail.com")]
""", [2]),
    "the default of a variable": ("mail.js", """
const sgMail = require("@sendgrid/mail");
const msg = { to, from: process.env.FROM || "acme@yahoo.com", replyTo: "me@gmail.com" };
""", [2]),
    "a domain that only looks like one": ("mail.js", """
const sgMail = require("@sendgrid/mail");
const msg = { to, from: "acme@gmail.com.example.com" };
""", []),
    "no use of SendGrid": ("mail.js", """
// We left SendGrid.
const msg = { to, from: "acme@gmail.com" };
""", []),
    "a test": ("tests/mail.js", """
const sgMail = require("@sendgrid/mail");
const msg = { to, from: "acme@gmail.com" };
""", []),
}  # fmt: skip


@pytest.mark.parametrize(("path", "text", "expected"), REQUESTS.values(), ids=REQUESTS)
def test_verification_of_servers(path: str, text: str, expected: list[int]) -> None:
    found = lines(["tls-verification-off"], {path: text.lstrip("\n")})
    assert found.get("tls-verification-off", []) == expected


@pytest.mark.parametrize(("path", "text", "expected"), SENDERS.values(), ids=SENDERS)
def test_senders(path: str, text: str, expected: list[int]) -> None:
    assert lines(["free-mail-sender"], {path: text.lstrip("\n")}).get("free-mail-sender", []) == expected


@pytest.mark.parametrize(("path", "text", "expected"), CASES)
def test_settings_of_frameworks(path: str, text: str, expected: dict[str, int]) -> None:
    found = lines(RULES, {path: text})
    assert found == {rule: [line] for rule, line in expected.items() if line}

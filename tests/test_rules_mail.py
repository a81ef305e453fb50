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
    case("Laravel", ".env", "MAIL_MAILER=smtp\nMAIL_HOST=<relay>\nMAIL_USERNAME=acme\nMAIL_ENCRYPTION=\n", off=4, account=3),
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
    case("Vaultwarden", ".env", "SMTP_HOST=<relay>\nSMTP_SECURITY=off\nSMTP_ACCEPT_INVALID_CERTS=true\n", off=2, unverified=3),
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
    case("curl", "send.sh", "curl --ssl smtp://<relay>:587 -u acme:$PASSWORD -k -T mail\n", unverified=1, attempts=1, account=1),
    case("swaks", "send.sh", "swaks --server <relay> --auth-user apikey --auth-password $KEY --to a@example.com\n", off=1),
    case("a commented setting", "settings.py", '# EMAIL_HOST = "<relay>"\n# EMAIL_USE_TLS = False\n'),
    case("a server that is only mentioned", "notes.py", 'TEXT = "Use <relay> on port 587, EMAIL_USE_TLS = False"\n'),
)  # fmt: skip


@pytest.mark.parametrize(("path", "text", "expected"), CASES)
def test_settings_of_frameworks(path: str, text: str, expected: dict[str, int]) -> None:
    found = lines(RULES, {path: text})
    assert found == {rule: [line] for rule, line in expected.items() if line}

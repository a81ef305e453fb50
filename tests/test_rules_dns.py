"""DNS records in every spelling, and what rules make of them."""

from __future__ import annotations

import pytest

from examined import lines

RULES = ("permissive-spf", "multiple-spf", "missing-dkim", "dmarc-not-enforced", "missing-dmarc")
DKIM = "".join(
    f"""
resource "cloudflare_record" "s{number}" {{
  name    = "s{number}._domainkey"
  type    = "CNAME"
  content = "s{number}.domainkey.u1234567.wl042.sendgrid.net"
}}
"""
    for number in (1, 2)
)


def case(name: str, path: str, text: str, expected: dict[str, list[int]], **files: str) -> object:
    """A file beside others (``x_tf`` is ``x.tf``), and the lines that each rule finds in it."""
    beside = {other.replace("_", "."): content for other, content in files.items()}
    return pytest.param({path: text.lstrip("\n"), **beside}, expected, id=name)


CASES = (
    case("relative names without an origin", "db.example.com", """
@ IN SOA ns1 host 1 2 3 4 5
@ IN TXT "v=spf1 include:sendgrid.net"
em1 IN CNAME u1.wl1.sendgrid.net.
s1._domainkey IN CNAME s1.domainkey.u1.wl1.sendgrid.net.
s2._domainkey IN CNAME s2.domainkey.u1.wl1.sendgrid.net.
""", {"permissive-spf": [2], "missing-dmarc": [1]}),
    case("a zone with the include alone", "example.com.zone", """
$ORIGIN example.com.
@ IN SOA ns1 host ( 1 2 3 4 5 )
@ IN TXT "v=spf1 include:u1.wl.sendgrid.net -all"
_dmarc IN TXT "v=DMARC1;p=quarantine;pct=50"
""", {"missing-dkim": [3], "dmarc-not-enforced": [4]}),
    case("two domains in one zone", "example.com.zone", """
$ORIGIN example.com.
em1 IN CNAME u1.wl1.sendgrid.net.
s1._domainkey IN CNAME s1.domainkey.u1.wl1.sendgrid.net.
s2._domainkey IN CNAME s2.domainkey.u1.wl1.sendgrid.net.
em2.shop IN CNAME u2.wl1.sendgrid.net.
""", {"missing-dkim": [5]}),
    case("Azure, a block for each value", "dns.tf", """
resource "azurerm_dns_txt_record" "spf" {
  name      = "@"
  zone_name = azurerm_dns_zone.main.name
  record {
    value = "v=spf1 include:sendgrid.net +all"
  }
}
resource "azurerm_dns_cname_record" "mail" {
  name      = "em1"
  zone_name = azurerm_dns_zone.main.name
  record    = "u1.wl1.sendgrid.net"
}
""", {"permissive-spf": [5], "missing-dkim": [8], "missing-dmarc": [1]}),
    case("DKIM in another file, relative", "mail.tf", """
resource "cloudflare_dns_record" "mail" {
  name    = "em1.example.com"
  type    = "CNAME"
  content = "u1234567.wl042.sendgrid.net"
}
""", {}, other_tf=DKIM),
    case("records of a module", "dns.tf", """
module "records" {
  source = "terraform-aws-modules/route53/aws//modules/records"
  records = [
    { name = "", type = "TXT", records = ["v=spf1 include:sendgrid.net ?all"] },
    { name = "em1", type = "CNAME", records = ["u1.wl1.sendgrid.net"] },
  ]
}
""", {"permissive-spf": [4], "missing-dkim": [5], "missing-dmarc": [4]}),
    case("two strings in one resource", "dns.tf", """
resource "aws_route53_record" "txt" {
  name = "example.com"
  type = "TXT"
  records = [
    "v=spf1 include:sendgrid.net -all",
    "v=spf1 include:_spf.google.com -all",
  ]
}
resource "aws_route53_record" "dmarc" {
  name    = "_dmarc.example.com"
  type    = "TXT"
  records = ["v=DMARC1; p=reject"]
}
""", {"multiple-spf": [6]}),
    case("the old SPF type beside TXT", "dns.tf", """
resource "aws_route53_record" "txt" {
  name    = "mail.example.com"
  type    = "TXT"
  records = ["v=spf1 include:sendgrid.net -all"]
}
resource "aws_route53_record" "spf" {
  name    = "mail.example.com"
  type    = "SPF"
  records = ["v=spf1 include:sendgrid.net -all"]
}
""", {}),
    case("maps from which records are made", "dns.tf", """
locals {
  records = {
    "em1"           = { type = "CNAME", value = "u1.wl1.sendgrid.net" }
    "s1._domainkey" = { type = "CNAME", value = "s1.domainkey.u1.wl1.sendgrid.net" }
    "s2._domainkey" = { type = "CNAME", value = "s2.domainkey.u1.wl1.sendgrid.net" }
  }
}
""", {}),
    case("a map of targets", "dns.tf", """
locals {
  targets = { s1 = "s1.domainkey.u1.wl1.sendgrid.net", s2 = "s2.domainkey.u1.wl1.sendgrid.net" }
}
resource "cloudflare_record" "mail" {
  name    = "em1"
  type    = "CNAME"
  content = "u1.wl1.sendgrid.net"
}
""", {}),
    case("what SendGrid's resource says", "dns.tf", """
resource "sendgrid_domain_authentication" "main" {
  domain = "example.com"
}
resource "aws_route53_record" "mail" {
  name    = sendgrid_domain_authentication.main.dns[0].host
  type    = "CNAME"
  records = [sendgrid_domain_authentication.main.dns[0].data]
}
resource "aws_route53_record" "old" {
  name    = "em1.example.com"
  type    = "CNAME"
  records = ["u1.wl1.sendgrid.net"]
}
""", {}),
    case("DMARC of another domain", "dns.tf", """
resource "aws_route53_record" "mail" {
  name    = "em1.example.com"
  type    = "CNAME"
  records = ["u1.wl1.sendgrid.net"]
}
resource "aws_route53_record" "dmarc" {
  name    = "_dmarc.example.org"
  type    = "TXT"
  records = ["v=DMARC1; p=none"]
}
""", {"missing-dkim": [1]}),
    case("octoDNS, escaped", "zones/example.com.yaml", """
_dmarc:
  type: TXT
  value: v=DMARC1\\; p=none
em1:
  type: CNAME
  value: u1.wl1.sendgrid.net.
""", {"dmarc-not-enforced": [3], "missing-dkim": [4]}),
    case("DNSControl", "dnsconfig.js", """
D("example.com", REG, DnsProvider(DNS),
  TXT("@", "v=spf1 include:sendgrid.net ~all"),
  TXT("@", "v=spf1 include:_spf.example.net ~all"),
  CNAME("em1", "u1.wl1.sendgrid.net."),
  DMARC_BUILDER({ policy: "none" })
);
""", {"multiple-spf": [3], "missing-dkim": [4], "dmarc-not-enforced": [5]}),
    case("CloudFormation", "dns.yaml", """
Resources:
  Mail:
    Type: AWS::Route53::RecordSetGroup
    Properties:
      HostedZoneName: example.com.
      RecordSets:
        - Name: em1.example.com.
          Type: CNAME
          ResourceRecords: [u1.wl1.sendgrid.net]
        - Name: _dmarc.example.com.
          Type: TXT
          ResourceRecords: ['"v=DMARC1; p=none"']
""", {"missing-dkim": [7], "dmarc-not-enforced": [12]}),
    case("Pulumi", "index.ts", """
import * as aws from "@pulumi/aws";
new aws.route53.Record("spf", {
  zoneId, name: "example.com", type: "TXT", ttl: 300,
  records: ["v=spf1 include:sendgrid.net +all"],
});
""", {"permissive-spf": [4]}),
    case("Pulumi in Python", "__main__.py", """
import pulumi_aws as aws
aws.route53.Record("spf", name="example.com", type="TXT", records=["v=spf1 include:sendgrid.net ?all"])
""", {"permissive-spf": [2]}),
    case("CDK", "lib/dns.ts", """
import * as route53 from "aws-cdk-lib/aws-route53";
new route53.TxtRecord(this, "Spf", { zone, values: ["v=spf1 include:sendgrid.net ?all"] });
""", {"permissive-spf": [2]}),
    case("an answer of SendGrid's API in a program", "mock.js", """
const answer = { dns: [
  { host: "example.com", type: "TXT", data: "v=spf1 include:sendgrid.net +all", valid: false },
  { host: "em1.example.com", type: "CNAME", data: "u1.wl1.sendgrid.net", valid: false },
] };
""", {}),
)  # fmt: skip


@pytest.mark.parametrize(("files", "expected"), CASES)
def test_records(files: dict[str, str], expected: dict[str, list[int]]) -> None:
    assert lines(RULES, files) == dict(sorted(expected.items()))

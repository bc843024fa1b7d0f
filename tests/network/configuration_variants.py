"""One change each that breaks a rule: kind, what breaks, at which level, the edits of the sound sample."""

from sekisho.network.rules.judged import Level

NG, WARN = Level.NG, Level.WARN
V1 = [
    ("ipsec ike version 1 2", "ipsec ike version 1 1"),
    ("  ipsec ike local name 1 honin.example fqdn\n", ""),
    ("  ipsec ike remote name 1 yakkyoku.example fqdn\n", ""),
]
OPEN = [(" ip pp secure filter in 200003 200020 200021 200099\n", ""), (" ip pp nat descriptor 1000\n", "")]
ISAKMP = (
    "!\ncrypto isakmp policy 10\n encr aes 256\n hash sha256\n authentication rsa-sig\n group 14\n"
    "crypto isakmp aggressive-mode disable\nend\n"
)
NO_AGGRESSIVE = "crypto isakmp aggressive-mode disable\n"
OLD_POLICY = (
    "crypto ikev1 policy 5\n authentication rsa-sig\n encryption aes-256\n hash sha256\n group 14\n"
    "crypto ikev1 am-disable\n"
)
SECOND_VPN = """config vpn ipsec phase1-interface
    edit "to-kensa"
        set ike-version 2
        set authmethod signature
        set proposal aes256-sha256
        set dhgrp 14
    next
end
config firewall policy
    edit 9
        set srcintf "to-kensa"
        set dstintf "to-yakkyoku"
        set action accept
    next
end
"""
PING = "set allowaccess ping\n"
TRUSTED = "        set trusthost1 192.168.10.5 255.255.255.255\n"
COMMUNITY = 'config system snmp community\n    edit 1\n        set name "public"\n    next\nend\n'
ASA_SSH = "ssh 192.168.10.5 255.255.255.255 inside"
# kind, what breaks, at which level, the edits
VARIANTS = [
    ("yamaha", {"VPN-IKE1"}, NG, V1),
    ("yamaha", {"VPN-IKE1"}, NG, [("  ipsec ike version 1 2\n", ""), *V1[1:]]),
    ("yamaha", {"VPN-IKE1", "VPN-AGG"}, NG, V1[:1]),
    ("yamaha", {"VPN-PSK"}, NG, [("auth method 1 certificate", "auth method 1 pre-shared-key")]),
    ("yamaha", {"VPN-PSK"}, NG, [("  ipsec ike auth method 1 certificate\n", "  ipsec ike pre-shared-key 1 text *\n")]),
    ("yamaha", {"VPN-ALG"}, NG, [("ipsec ike hash 1 sha256", "ipsec ike hash 1 sha")]),
    ("yamaha", {"VPN-ALG"}, NG, [("  ipsec ike hash 1 sha256\n", "")]),
    ("yamaha", {"VPN-ALG"}, NG, [("ipsec ike encryption 1 aes256-cbc", "ipsec ike encryption 1 3des-cbc")]),
    ("yamaha", {"VPN-ALG"}, NG, [("modp2048", "modp1024")]),
    ("yamaha", {"VPN-ALG"}, NG, [("  ipsec ike proposal-limitation 1 on\n", "")]),
    ("yamaha", {"VPN-ALG"}, NG, [("esp aes256-cbc sha256-hmac", "esp des-cbc sha256-hmac")]),
    ("yamaha", {"VPN-ALG"}, NG, [("esp aes256-cbc sha256-hmac", "esp aes256-cbc")]),
    ("yamaha", {"VPN-ALG"}, NG, [("esp aes256-cbc sha256-hmac", "ah sha256-hmac")]),
    ("yamaha", {"VPN-KIND"}, NG, [("", "pptp service on\n")]),
    ("yamaha", {"VPN-KIND"}, NG, [("", "tunnel select 5\n tunnel encapsulation l2tp\n")]),
    ("yamaha", {"MGMT-EXP"}, NG, [*OPEN, ("sshd host lan1 192.168.10.5", "sshd host any")]),
    ("yamaha", {"MGMT-EXP"}, NG, [
        ("sshd host lan1 192.168.10.5", "sshd host any"),
        ("", "nat descriptor masquerade static 1000 9 192.168.10.1 tcp 22\n")]),
    ("yamaha", {"MGMT-EXP"}, WARN, [*OPEN, ("sshd host lan1 192.168.10.5", "sshd host 198.51.100.4")]),
    ("yamaha", {"MGMT-EXP"}, NG, [*OPEN, ("sshd host lan1 192.168.10.5", "sshd host lan2")]),
    ("yamaha", {"MGMT-PLAIN"}, WARN, [("telnetd service off", "telnetd service on\ntelnetd host lan1")]),
    ("yamaha", {"MGMT-SNMP"}, NG, [("", "snmp host lan1\n")]),
    ("yamaha", {"MGMT-SNMP"}, NG, [("", "snmpv2c host lan1\nsnmpv2c community read-only public\n")]),
    ("yamaha", {"MGMT-SNMP"}, WARN, [("", "snmpv2c host lan1\nsnmpv2c community read-only umi-no-iro\n")]),
    ("yamaha", {"MGMT-SNMP"}, WARN, [(" aes128-cfb yuki-usagi-0304", "")]),
    ("yamaha", {"MGMT-PASS"}, NG, [("login password encrypted $1$kaeru", "login password doremi")]),
    ("yamaha", {"NET-IPV6"}, WARN, [("", "tunnel select 9\n tunnel encapsulation map-e\n")]),
    ("fortios", {"VPN-IKE1"}, NG, [("set ike-version 2", "set ike-version 1\n        set mode main")]),
    ("fortios", {"VPN-IKE1"}, NG, [("        set ike-version 2\n", "        set mode main\n")]),
    ("fortios", {"VPN-IKE1", "VPN-AGG"}, NG, [("set ike-version 2", "set ike-version 1\n        set mode aggressive")]),
    ("fortios", {"VPN-PSK"}, NG, [("set authmethod signature", "set psksecret ENC abc")]),
    ("fortios", {"VPN-PSK"}, NG, [("authmethod signature", "authmethod signature\n set authmethod-remote psk")]),
    ("fortios", {"VPN-ALG"}, NG, [("aes256-sha256 aes256gcm-prfsha384", "aes256-sha256 3des-sha1")]),
    ("fortios", {"VPN-ALG"}, NG, [("set dhgrp 19 14", "set dhgrp 19 14 5")]),
    ("fortios", {"VPN-ALG"}, NG, [("set proposal aes256gcm aes256-sha256", "set proposal null-sha256")]),
    ("fortios", {"VPN-KIND"}, NG, [("", "config vpn pptp\n    set status enable\nend\n")]),
    ("fortios", {"VPN-TRANSIT"}, NG, [("", SECOND_VPN)]),
    ("fortios", {"SSLVPN-TYPE"}, NG, [("set web-mode disable", "set web-mode enable")]),
    ("fortios", {"SSLVPN-CERT"}, NG, [("set reqclientcert enable", "set reqclientcert disable")]),
    ("fortios", {"SSLVPN-CERT"}, NG, [("    set reqclientcert enable\n", "")]),
    ("fortios", {"SSLVPN-TLS"}, NG, [("tls1-3", "tls1-1")]),
    ("fortios", {"VPN-SPLIT"}, WARN, [("set split-tunneling disable", "set split-tunneling enable")]),
    ("fortios", {"MGMT-EXP"}, NG, [(PING, "set allowaccess ping https\n"), (TRUSTED, "")]),
    ("fortios", {"MGMT-EXP"}, NG, [(PING, "set allowaccess ping telnet\n")]),
    ("fortios", {"MGMT-EXP"}, WARN, [(PING, "set allowaccess ping https\n")]),
    ("fortios", {"MGMT-PLAIN"}, WARN, [("ping https ssh", "ping https ssh http")]),
    ("fortios", {"MGMT-SNMP"}, NG, [("", COMMUNITY)]),
    ("fortios", {"MGMT-PASS"}, NG, [("set password ENC SH2kaerutombo==", 'set password "fortinet"')]),
    ("fortios", {"WIFI"}, NG, [("wpa2-only-enterprise", "wpa2-only-personal")]),
    ("fortios", {"WIFI"}, NG, [("        set security wpa2-only-enterprise\n", "")]),
    ("fortios", {"WIFI-ANY"}, WARN, [("set broadcast-ssid disable", "set broadcast-ssid enable")]),
    ("fortios", {"WIFI-MAC"}, WARN, [("set pmf enable", "set radius-mac-auth enable")]),
    ("cisco_ios", {"VPN-IKE1"}, NG, [("end\n", ISAKMP)]),
    ("cisco_ios", {"VPN-IKE1", "VPN-AGG"}, NG, [("end\n", ISAKMP.replace(NO_AGGRESSIVE, ""))]),
    ("cisco_ios", {"VPN-IKE1", "VPN-ALG"}, NG, [("end\n", ISAKMP.replace(" encr aes 256\n", ""))]),
    ("cisco_ios", {"VPN-PSK"}, NG, [("authentication local rsa-sig", "authentication local pre-share")]),
    ("cisco_ios", {"VPN-ALG"}, NG, [("integrity sha256", "integrity sha256 sha1")]),
    ("cisco_ios", {"VPN-ALG"}, NG, [("esp-aes 256 esp-sha256-hmac", "esp-3des esp-sha-hmac")]),
    ("cisco_ios", {"VPN-ALG"}, NG, [("esp-aes 256 esp-sha256-hmac", "esp-aes 256")]),
    ("cisco_ios", {"VPN-ALG"}, NG, [("set pfs group19", "set pfs group2")]),
    ("cisco_ios", {"VPN-KIND"}, NG, [("end\n", "vpdn-group 1\n accept-dialin\n  protocol pptp\nend\n")]),
    ("cisco_ios", {"MGMT-EXP"}, NG, [
        ("no ip http server\nno", "ip http server\nno"), (" ip access-group FROM-OUTSIDE in\n", "")]),
    ("cisco_ios", {"MGMT-EXP"}, NG, [
        (" transport input ssh", " transport input telnet"), (" access-class 10 in\n", ""),
        (" ip access-group FROM-OUTSIDE in\n", "")]),
    ("cisco_ios", {"MGMT-PLAIN"}, WARN, [(" transport input ssh", " transport input ssh telnet")]),
    ("cisco_ios", {"MGMT-SNMP"}, NG, [("end\n", "snmp-server community public RO\nend\n")]),
    ("cisco_ios", {"MGMT-SNMP"}, WARN, [("KANSHI v3 priv", "KANSHI v3 auth")]),
    ("cisco_ios", {"MGMT-PASS"}, NG, [("enable secret 9 $9$kaeru$tombo", "enable password cisco")]),
    ("cisco_ios", {"MGMT-PASS"}, NG, [(" login local", " no login")]),
    ("cisco_asa", {"VPN-IKE1"}, NG, [("webvpn\n enable", OLD_POLICY + "webvpn\n enable")]),
    ("cisco_asa", {"VPN-PSK"}, NG, [("remote-authentication certificate", "remote-authentication pre-shared-key *")]),
    ("cisco_asa", {"VPN-ALG"}, NG, [(" group 19\n", " group 19 5\n")]),
    ("cisco_asa", {"VPN-ALG"}, NG, [("protocol esp encryption aes-256", "protocol esp encryption 3des")]),
    ("cisco_asa", {"SSLVPN-TYPE"}, NG, [("protocol ssl-client\n", "protocol ssl-client ssl-clientless\n")]),
    ("cisco_asa", {"SSLVPN-CERT"}, NG, [("authentication aaa certificate", "authentication aaa")]),
    ("cisco_asa", {"SSLVPN-TLS"}, NG, [("server-version tlsv1.3", "server-version tlsv1")]),
    ("cisco_asa", {"VPN-SPLIT"}, WARN, [("tunnelall", "tunnelspecified")]),
    ("cisco_asa", {"MGMT-EXP"}, NG, [(ASA_SSH, "ssh 0.0.0.0 0.0.0.0 outside")]),
    ("cisco_asa", {"MGMT-EXP"}, NG, [(ASA_SSH, "telnet 198.51.100.4 255.255.255.255 outside")]),
    ("swanctl", {"VPN-IKE1"}, NG, [("version = 2", "version = 0")]),
    ("swanctl", {"VPN-IKE1"}, NG, [("    version = 2\n", "")]),
    ("swanctl", {"VPN-IKE1", "VPN-AGG"}, NG, [("version = 2", "version = 1"), ("aggressive = no", "aggressive = yes")]),
    ("swanctl", {"VPN-PSK"}, NG, [("remote {\n            auth = pubkey", "remote {\n            auth = psk")]),
    ("swanctl", {"VPN-ALG"}, NG, [("aes256-sha256-modp2048", "aes256-sha256-modp2048, 3des-md5-modp1024")]),
    ("swanctl", {"VPN-ALG"}, NG, [("esp_proposals = aes256gcm16-ecp384", "esp_proposals = null-sha256")]),
    ("swanctl", {"VPN-ALG"}, NG, [("esp_proposals = aes256gcm16-ecp384", "ah_proposals = sha256")]),
    ("ipsec_conf", {"VPN-IKE1"}, NG, [("keyexchange=ikev2", "keyexchange=ike")]),
    ("ipsec_conf", {"VPN-PSK"}, NG, [("rightauth=pubkey", "rightauth=psk")]),
    ("ipsec_conf", {"VPN-PSK"}, NG, [("    leftauth=pubkey\n", "    authby=secret\n"), ("    rightauth=pubkey\n", "")]),
    ("ipsec_conf", {"VPN-ALG"}, NG, [("ike=aes256-sha256-modp2048!", "ike=aes256-sha1-modp2048!")]),
    ("hostapd", {"WIFI"}, NG, [("WPA-EAP-SHA256", "WPA-PSK")]),
    ("hostapd", {"WIFI"}, NG, [("WPA-EAP-SHA256", "WPA-PSK SAE")]),
    ("hostapd", {"WIFI"}, NG, [("wpa=2", "wpa=3")]),
    ("hostapd", {"WIFI"}, NG, [("wpa=2\n", "wep_key0=123456789a\n")]),
    ("hostapd", {"WIFI"}, NG, [("wpa=2\n", "")]),
    ("hostapd", {"WIFI"}, WARN, [("WPA-EAP-SHA256", "SAE")]),
    ("hostapd", {"WIFI-ANY"}, WARN, [("ignore_broadcast_ssid=1", "ignore_broadcast_ssid=0")]),
    ("hostapd", {"WIFI-MAC"}, WARN, [("", "macaddr_acl=1\n")]),
    ("hostapd", {"WIFI-WPS"}, WARN, [("wps_state=0", "wps_state=2")]),
    ("wifi_export", {"WIFI"}, NG, [("WPA3-Enterprise", "WPA2-PSK")]),
    ("wifi_export", {"WIFI"}, NG, [("WPA3-Enterprise", "WPA2/WPA3-Personal")]),
    ("wifi_export", {"WIFI"}, NG, [("WPA3-Enterprise", "Open")]),
    ("wifi_export", {"WIFI-ANY"}, WARN, [("WPA3-Enterprise,yes,yes", "WPA3-Enterprise,yes,no")]),
    ("wifi_export", {"WIFI-MAC"}, WARN, [("WPA3-Enterprise,yes,yes,no", "WPA3-Enterprise,yes,yes,yes")]),
    ("wifi_export", {"WIFI-WPS"}, WARN, [("yes,yes,no,no", "yes,yes,no,yes")]),
]  # fmt: skip

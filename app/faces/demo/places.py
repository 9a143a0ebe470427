"""Where the demo company's sites lie, and what stands in for statements that nobody handed in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import NAMESPACE_URL, uuid5

from app.calc.financial_proxy import ProxyKind
from app.faces.demo.rows import Rows
from app.facts.evidence.finance.models import FinancialProxy
from app.facts.suppliers.models import Site

# City: latitude, longitude [degrees], region.
CITIES: Mapping[str, tuple[float, float, str | None]] = {
    "Anderstorp": (57.3, 13.6, None), "Angers": (47.5, -0.6, "Pays de la Loire"),
    "Augsburg plant": (48.4, 10.9, "Bavaria"), "Bassano del Grappa": (45.8, 11.7, "Veneto"),
    "Bielsko-Biała": (49.8, 19.0, "Silesia"), "Brașov": (45.7, 25.6, None),
    "Brescia": (45.5, 10.2, "Lombardy"), "Brno plant": (49.2, 16.6, "South Moravia"),
    "Bursa": (40.2, 29.1, "Marmara"), "Busan": (35.2, 129.1, None),
    "Castellón": (40.0, -0.1, "Valencia"), "Chemnitz": (50.8, 12.9, "Saxony"),
    "Chennai": (13.1, 80.3, "Tamil Nadu"), "Cluj-Napoca": (46.8, 23.6, None),
    "Coburg": (50.3, 11.0, "Bavaria"), "Dalian": (38.9, 121.6, "Liaoning"),
    "Delémont": (47.4, 7.3, "Jura"), "Dongguan": (23.0, 113.8, "Guangdong"),
    "Eibar": (43.2, -2.5, "Basque Country"), "Erba": (45.8, 9.2, "Lombardy"),
    "Ganzhou": (25.8, 114.9, "Jiangxi"), "Hai Phong": (20.9, 106.7, None),
    "Heilbronn": (49.1, 9.2, "Baden-Württemberg"), "Hengelo": (52.3, 6.8, "Overijssel"),
    "Hsinchu": (24.8, 121.0, None), "Huddersfield": (53.6, -1.8, "Yorkshire"),
    "Jalandhar": (31.3, 75.6, "Punjab"), "Jihlava": (49.4, 15.6, None),
    "Kapfenberg": (47.4, 15.3, "Styria"), "Kaunas": (54.9, 23.9, None),
    "Kempten": (47.7, 10.3, "Bavaria"), "Kielce": (50.9, 20.6, None),
    "Kolhapur": (16.7, 74.2, "Maharashtra"), "Konya": (37.9, 32.5, None),
    "Kranj": (46.2, 14.4, None), "Landskrona": (55.9, 12.8, None),
    "Lecco": (45.9, 9.4, "Lombardy"), "Lübeck": (53.9, 10.7, "Schleswig-Holstein"),
    "Marinha Grande": (39.7, -8.9, "Centro"), "Milwaukee": (43.0, -87.9, "Wisconsin"),
    "Monterrey": (25.7, -100.3, "Nuevo León"), "Nagoya": (35.2, 136.9, "Aichi"),
    "Ningbo": (29.9, 121.5, "Zhejiang"), "Osterode": (51.7, 10.3, "Lower Saxony"),
    "Ostrava": (49.8, 18.3, "Moravia-Silesia"), "Penang": (5.4, 100.3, None),
    "Pinerolo": (44.9, 7.3, "Piedmont"), "Považská Bystrica": (49.1, 18.4, None),
    "Querétaro": (20.6, -100.4, None), "Redditch": (52.3, -1.9, "West Midlands"),
    "Rovereto": (45.9, 11.0, "Trentino"), "Saint-Étienne": (45.4, 4.4, "Loire"),
    "Sakai": (34.6, 135.5, "Osaka"), "Shenzhen": (22.5, 114.1, "Guangdong"),
    "Shijiazhuang": (38.0, 114.5, "Hebei"), "Siegen": (50.9, 8.0, "North Rhine-Westphalia"),
    "Sonneberg": (50.4, 11.2, "Thuringia"), "Suzhou": (31.3, 120.6, "Jiangsu"),
    "Słupsk": (54.5, 17.0, "Pomerania"), "Taichung": (24.1, 120.7, None),
    "Toruń": (53.0, 18.6, None), "Trondheim": (63.4, 10.4, None),
    "Tucson": (32.2, -110.9, "Arizona"), "Vellore": (12.9, 79.1, "Tamil Nadu"),
    "Vyškov": (49.3, 17.0, "South Moravia"), "Šumperk": (50.0, 17.0, None),
}  # fmt: skip
# All its goods come through one port.
ONE_PORT = "V-10655"
# Who, what was observed, when, by whom, what was noted, and who entered it.
PROXIES = (
    ("V-10557", ProxyKind.PAYMENT, "38", date(2026, 7, 15), "Credit bureau, payment report",
     "Pays later since spring; asked for the statement of 2025.", "K. Brandt"),
    ("V-10352", ProxyKind.RATING, "BBB", date(2026, 3, 2), "Rating agency, long-term issuer",
     None, "S. Oyelaran"),
    ("V-10585", ProxyKind.RATING, "B", date(2024, 11, 4), "Rating agency, long-term issuer",
     "Not renewed since.", "S. Oyelaran"),
    ("V-10585", ProxyKind.MEDIA, "isolated", date(2026, 9, 8), "Search of the business press",
     "Short-time work in the summer.", "S. Oyelaran"),
    ("V-10163", ProxyKind.PAYMENT, "12", date(2026, 5, 20), "Credit bureau, payment report",
     None, "A. Lindqvist"),
)  # fmt: skip


def add_places(rows: Rows, suppliers: Mapping[str, int]) -> None:
    """Put every site on the map and declare the proxies."""
    for site in rows.of(Site):
        latitude, longitude, region = CITIES[site["name"]]
        site |= {"latitude": latitude, "longitude": longitude, "region": region}
    for number, kind, observed, day, source, note, by in PROXIES:
        rows.add(
            FinancialProxy,
            public_id=uuid5(NAMESPACE_URL, f"mainstay:demo:{number} {kind} {day}"),
            supplier_id=suppliers[number],
            kind=kind,
            observed=observed,
            observed_on=day,
            source=source,
            note=note,
            entered_by=by,
            withdrawn_at=None,
            withdrawn_by=None,
            withdrawn_because=None,
        )

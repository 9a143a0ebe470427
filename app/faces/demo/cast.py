"""The cast of the demo company: who buys, what, from whom and where. Data only.

All names are invented. How somebody usually performs is a habit; the suppliers with a
story of their own are told apart in `stories`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.facts.suppliers.models import FinancialKind, SupplierStatus

HOUSE = "Adler Pumps SE"
SEED = 5
FIRST_DAY = date(2023, 11, 1)
LAST_DAY = date(2026, 10, 31)
# Orders placed before the last day reach this far: their windows are still open.
HORIZON = date(2026, 12, 31)
CURRENCY = "EUR"
BUYERS = ("A. Lindqvist", "K. Brandt", "J. Novák", "S. Oyelaran", "M. Weber")


@dataclass(frozen=True, slots=True)
class Plant:
    """One of our own plants: the buyer's unit that orders, and the dock that receives."""

    name: str
    unit: str
    country: str
    time_zone: str
    share: float


PLANTS = (
    Plant("Augsburg plant", "1000", "DEU", "Europe/Berlin", 0.62),
    Plant("Brno plant", "2000", "CZE", "Europe/Prague", 0.38),
)


@dataclass(frozen=True, slots=True)
class Country:
    """What it means to buy there: transit to our docks, usual lead time, currency, zone."""

    transit_days: int
    lead_days: int
    currency: str
    time_zone: str


COUNTRIES = {
    "AUT": Country(2, 14, "EUR", "Europe/Vienna"),
    "CHE": Country(2, 17, "CHF", "Europe/Zurich"),
    "CHN": Country(34, 74, "USD", "Asia/Shanghai"),
    "CZE": Country(1, 13, "EUR", "Europe/Prague"),
    "DEU": Country(1, 12, "EUR", "Europe/Berlin"),
    "ESP": Country(4, 20, "EUR", "Europe/Madrid"),
    "FRA": Country(3, 17, "EUR", "Europe/Paris"),
    "GBR": Country(5, 22, "GBP", "Europe/London"),
    "IND": Country(31, 70, "USD", "Asia/Kolkata"),
    "ITA": Country(3, 18, "EUR", "Europe/Rome"),
    "JPN": Country(33, 66, "USD", "Asia/Tokyo"),
    "KOR": Country(33, 64, "USD", "Asia/Seoul"),
    "LTU": Country(4, 16, "EUR", "Europe/Vilnius"),
    "MEX": Country(27, 62, "USD", "America/Mexico_City"),
    "MYS": Country(30, 68, "USD", "Asia/Kuala_Lumpur"),
    "NLD": Country(2, 13, "EUR", "Europe/Amsterdam"),
    "NOR": Country(4, 19, "EUR", "Europe/Oslo"),
    "POL": Country(2, 14, "EUR", "Europe/Warsaw"),
    "PRT": Country(5, 21, "EUR", "Europe/Lisbon"),
    "ROU": Country(4, 18, "EUR", "Europe/Bucharest"),
    "SVK": Country(2, 14, "EUR", "Europe/Bratislava"),
    "SVN": Country(2, 15, "EUR", "Europe/Ljubljana"),
    "SWE": Country(4, 17, "EUR", "Europe/Stockholm"),
    "TUR": Country(7, 28, "EUR", "Europe/Istanbul"),
    "TWN": Country(35, 72, "USD", "Asia/Taipei"),
    "USA": Country(18, 48, "USD", "America/Chicago"),
    "VNM": Country(33, 70, "USD", "Asia/Ho_Chi_Minh"),
}


@dataclass(frozen=True, slots=True)
class Family:
    """A commodity: what its parts are called, what they cost and in what lots they come."""

    nouns: tuple[str, ...]
    sizes: tuple[str, ...]
    base: int
    price: tuple[float, float]
    lot: tuple[int, int]
    requalification_weeks: tuple[int, int]


FAMILIES = {
    "Castings": Family(
        ("Volute housing", "Motor flange", "Bearing bracket", "End cover", "Terminal housing"),
        ("DN25", "DN32", "DN40", "DN50", "DN65", "DN80", "DN100", "DN125"),
        7700,
        (6.0, 48.0),
        (150, 900),
        (14, 36),
    ),
    "Forgings": Family(
        ("Pump shaft", "Coupling half", "Impeller hub", "Flange ring", "Lifting eye"),
        ("20 mm", "25 mm", "30 mm", "35 mm", "40 mm", "50 mm", "60 mm", "80 mm"),
        6100,
        (5.0, 60.0),
        (80, 600),
        (12, 30),
    ),
    "Machined parts": Family(
        ("Rotor shaft", "Shaft sleeve", "Wear ring", "Distance bush", "Threaded insert"),
        ("12 mm", "14 mm", "16 mm", "18 mm", "22 mm", "26 mm", "30 mm", "36 mm"),
        6600,
        (1.8, 22.0),
        (200, 2000),
        (6, 18),
    ),
    "Motors and windings": Family(
        ("Stator winding", "Rotor stack", "Motor cartridge", "Winding head", "Slot liner"),
        ("45 W", "60 W", "90 W", "120 W", "180 W", "250 W", "370 W", "550 W"),
        5200,
        (4.5, 38.0),
        (200, 1200),
        (10, 26),
    ),
    "Magnets": Family(
        ("Ring magnet", "Segment magnet", "Sensor magnet", "Coupling magnet", "Disc magnet"),
        ("16 mm", "20 mm", "24 mm", "28 mm", "32 mm", "38 mm", "44 mm", "52 mm"),
        5600,
        (0.9, 9.5),
        (500, 4000),
        (12, 40),
    ),
    "Electronics": Family(
        ("Drive board", "Display board", "Flow sensor", "Temperature sensor", "Connector set"),
        ("A1", "A2", "B1", "B2", "C1", "C2", "D1", "D2"),
        4300,
        (1.2, 26.0),
        (300, 3000),
        (10, 30),
    ),
    "Seals and gaskets": Family(
        ("Mechanical seal", "O-ring", "Flat gasket", "Shaft lip seal", "Profile gasket"),
        ("12 mm", "16 mm", "20 mm", "25 mm", "32 mm", "40 mm", "50 mm", "63 mm"),
        3800,
        (0.08, 4.2),
        (1000, 9000),
        (4, 14),
    ),
    "Bearings": Family(
        ("Ball bearing", "Ceramic bearing", "Axial bearing", "Plain bush", "Bearing plate"),
        ("608", "6000", "6001", "6002", "6201", "6202", "6203", "6204"),
        3400,
        (0.6, 7.5),
        (500, 5000),
        (6, 20),
    ),
    "Fasteners and springs": Family(
        ("Hex screw", "Stud", "Lock washer", "Pressure spring", "Retaining ring"),
        ("M4", "M5", "M6", "M8", "M10", "M12", "M14", "M16"),
        2100,
        (0.02, 0.6),
        (3000, 20000),
        (4, 12),
    ),
    "Plastics": Family(
        ("Impeller", "Insulation shell", "Cable gland", "Terminal cover", "Check-valve insert"),
        ("15", "20", "25", "32", "40", "50", "65", "80"),
        2900,
        (0.3, 5.5),
        (800, 6000),
        (8, 20),
    ),
}
PARTS_PER_FAMILY = 40


@dataclass(frozen=True, slots=True)
class Habit:
    """How a supplier usually performs; each one draws its own figures around it."""

    otif: float
    late_days: float
    ppm: float
    bad_lots: float
    acknowledge_hours: float
    price_drift: float
    invoice_accuracy: float
    slips: float
    inspected: float
    health: float


HABITS = {
    "strong": Habit(0.980, 2.2, 16, 0.004, 19, 0.001, 0.994, 0.01, 0.35, 3.0),
    "good": Habit(0.950, 3.5, 70, 0.010, 37, 0.007, 0.979, 0.03, 0.55, 2.5),
    "fair": Habit(0.936, 4.6, 92, 0.015, 40, 0.008, 0.974, 0.06, 0.80, 2.1),
    "weak": Habit(0.902, 7.0, 240, 0.028, 52, 0.014, 0.962, 0.10, 1.00, 1.6),
}


@dataclass(frozen=True, slots=True)
class Member:
    """One supplier of the cast: who, where, for what, how well and how much."""

    number: str
    name: str
    country: str
    city: str
    category: str
    habit: str
    lines_a_month: float
    status: SupplierStatus = SupplierStatus.APPROVED
    incoterm: str = "DAP"
    kind: FinancialKind = FinancialKind.PRIVATE_MANUFACTURER


PREFERRED = SupplierStatus.PREFERRED
IMPROVE = SupplierStatus.IMPROVEMENT_PLAN
RESTRICTED = SupplierStatus.RESTRICTED
PUBLIC = FinancialKind.PUBLIC_MANUFACTURER
OTHER = FinancialKind.OTHER
# fmt: off
CAST = (
    Member("V-10482", "Kestrel Castings GmbH", "DEU", "Chemnitz", "Castings", "good", 70,
           RESTRICTED),
    Member("V-10117", "Gießhütte Sonnenberg GmbH", "DEU", "Sonneberg", "Castings", "good", 11),
    Member("V-10233", "Fonderia Valbrenta S.r.l.", "ITA", "Bassano del Grappa", "Castings",
           "fair", 7, IMPROVE),
    Member("V-10391", "Odlewnia Kamienna Sp. z o.o.", "POL", "Kielce", "Castings", "good", 9),
    Member("V-10544", "Turnătoria Someș S.A.", "ROU", "Cluj-Napoca", "Castings", "weak", 6,
           RESTRICTED),
    Member("V-10628", "Deccan Alloy Castings Pvt Ltd", "IND", "Kolhapur", "Castings", "fair", 6,
           IMPROVE, "FOB"),
    Member("V-10977", "Anadolu Valf Döküm A.Ş.", "TUR", "Konya", "Castings", "good", 0,
           SupplierStatus.QUALIFYING),
    Member("V-10126", "Steirische Gesenkschmiede GmbH", "AUT", "Kapfenberg", "Forgings", "strong",
           2.5, PREFERRED),
    Member("V-10250", "Ostrava Forge a.s.", "CZE", "Ostrava", "Forgings", "fair", 16, IMPROVE),
    Member("V-10307", "Forja Ibaiondo S.A.", "ESP", "Eibar", "Forgings", "good", 6,
           IMPROVE),
    Member("V-10415", "Považská Kováčňa s.r.o.", "SVK", "Považská Bystrica", "Forgings", "fair", 7,
           SupplierStatus.APPROVED),
    Member("V-10533", "Jalandhar Drop Forge Ltd", "IND", "Jalandhar", "Forgings", "weak", 5,
           RESTRICTED, "FOB"),
    Member("V-10702", "Hebei Jinshan Forging Co., Ltd", "CHN", "Shijiazhuang", "Forgings", "fair",
           5, RESTRICTED, "FOB"),
    Member("V-10140", "Jura Précision SA", "CHE", "Delémont", "Machined parts", "strong", 9,
           PREFERRED, "FCA"),
    Member("V-10266", "Zerspanung Allgäu GmbH", "DEU", "Kempten", "Machined parts", "strong", 12,
           SupplierStatus.APPROVED),
    Member("V-10318", "Tramontana Meccanica S.r.l.", "ITA", "Brescia", "Machined parts", "good",
           25, SupplierStatus.APPROVED, "EXW"),
    Member("V-10429", "Vysočina Obrábění s.r.o.", "CZE", "Jihlava", "Machined parts", "good", 13),
    Member("V-10557", "Usinage du Forez SARL", "FRA", "Saint-Étienne", "Machined parts", "fair", 6,
           SupplierStatus.APPROVED),
    Member("V-10640", "Maquinados Querétaro S.A. de C.V.", "MEX", "Querétaro", "Machined parts",
           "good", 5, SupplierStatus.APPROVED, "FCA"),
    Member("V-10811", "Pomorze Machining Sp. z o.o.", "POL", "Słupsk", "Machined parts", "fair", 7,
           SupplierStatus.APPROVED),
    Member("V-10155", "Moravské Vinutí a.s.", "CZE", "Vyškov", "Motors and windings", "good", 14,
           IMPROVE),
    Member("V-10271", "Wicklerei Neckar GmbH", "DEU", "Heilbronn", "Motors and windings", "strong",
           12, PREFERRED),
    Member("V-10340", "Motori Adige S.p.A.", "ITA", "Rovereto", "Motors and windings", "fair", 8,
           IMPROVE, "FCA", PUBLIC),
    Member("V-10436", "Song Hong Winding JSC", "VNM", "Hai Phong", "Motors and windings", "good", 6,
           IMPROVE, "FOB"),
    Member("V-10562", "Palar Coil Industries Pvt Ltd", "IND", "Vellore", "Motors and windings",
           "fair", 5, SupplierStatus.APPROVED, "FOB"),
    Member("V-10655", "Suzhou Lanting Motor Co., Ltd", "CHN", "Suzhou", "Motors and windings",
           "good", 8, SupplierStatus.APPROVED, "CIF", PUBLIC),
    Member("V-10163", "Ningbo Xinghe Magnetics Co., Ltd", "CHN", "Ningbo", "Magnets", "good", 9.5,
           SupplierStatus.APPROVED, "FOB"),
    Member("V-10284", "Ferrit Morava s.r.o.", "CZE", "Šumperk", "Magnets", "good", 8),
    Member("V-10352", "Nagoya Jishaku K.K.", "JPN", "Nagoya", "Magnets", "strong", 7, PREFERRED,
           "CIF", PUBLIC),
    Member("V-10447", "Magnetwerk Oberharz GmbH", "DEU", "Osterode", "Magnets", "fair", 6,
           IMPROVE),
    Member("V-10574", "Ganzhou Ruifeng Magnet Co., Ltd", "CHN", "Ganzhou", "Magnets", "weak", 5,
           RESTRICTED, "FOB"),
    Member("V-10716", "Kranj Magneti d.o.o.", "SVN", "Kranj", "Magnets", "good", 6,
           SupplierStatus.APPROVED),
    Member("V-10178", "Nordlys Elektronik AS", "NOR", "Trondheim", "Electronics", "good", 16,
           SupplierStatus.APPROVED, "DAP", PUBLIC),
    Member("V-10295", "Shenzhen Weiguang Electronics Co., Ltd", "CHN", "Shenzhen", "Electronics",
           "fair", 9, SupplierStatus.APPROVED, "FOB"),
    Member("V-10364", "Elektronika Wisła Sp. z o.o.", "POL", "Toruń", "Electronics", "good", 5),
    Member("V-10458", "Hsinchu Ridge Devices Co., Ltd", "TWN", "Hsinchu", "Electronics", "strong",
           8, PREFERRED, "FCA", PUBLIC),
    Member("V-10585", "Penang Circuit Works Sdn Bhd", "MYS", "Penang", "Electronics", "fair", 6,
           SupplierStatus.APPROVED, "FOB"),
    Member("V-10669", "Lakeshore Controls LLC", "USA", "Milwaukee", "Electronics", "good", 6,
           IMPROVE, "FCA"),
    Member("V-10931", "Tesseract Sensors Inc.", "USA", "Tucson", "Electronics", "strong", 0,
           SupplierStatus.QUALIFYING, "DAP"),
    Member("V-10189", "Hanse Dichtungstechnik KG", "DEU", "Lübeck", "Seals and gaskets", "good", 20,
           IMPROVE),
    Member("V-10306", "Guarnizioni Brianza S.p.A.", "ITA", "Lecco", "Seals and gaskets", "good", 9),
    Member("V-10377", "Joints de la Loire SAS", "FRA", "Angers", "Seals and gaskets", "strong", 8,
           SupplierStatus.APPROVED),
    Member("V-10469", "Busan Seal Tech Co., Ltd", "KOR", "Busan", "Seals and gaskets", "good", 6,
           SupplierStatus.APPROVED, "CIF"),
    Member("V-10596", "Coromandel Elastomers Pvt Ltd", "IND", "Chennai", "Seals and gaskets",
           "fair", 5, SupplierStatus.APPROVED, "FOB"),
    Member("V-10738", "Pennine Seals Ltd", "GBR", "Huddersfield", "Seals and gaskets", "fair", 6,
           SupplierStatus.APPROVED),
    Member("V-10194", "Skåne Lager AB", "SWE", "Landskrona", "Bearings", "strong", 10, PREFERRED),
    Member("V-10319", "Cuscinetti Val Chisone S.p.A.", "ITA", "Pinerolo", "Bearings", "good", 7),
    Member("V-10386", "Rodamientos Costa Azul S.A.", "ESP", "Castellón", "Bearings", "good", 14),
    Member("V-10471", "Dalian Haiyun Bearing Co., Ltd", "CHN", "Dalian", "Bearings", "fair", 7,
           SupplierStatus.APPROVED, "FOB"),
    Member("V-10608", "Uludağ Rulman A.Ş.", "TUR", "Bursa", "Bearings", "good", 6,
           SupplierStatus.APPROVED, "CPT"),
    Member("V-10749", "Osaka Fine Bearing K.K.", "JPN", "Sakai", "Bearings", "strong", 6,
           PREFERRED, "CIF"),
    Member("V-10203", "Baltic Fasteners UAB", "LTU", "Kaunas", "Fasteners and springs", "strong",
           21, PREFERRED),
    Member("V-10328", "Meridian Fjädrar AB", "SWE", "Anderstorp", "Fasteners and springs", "good",
           10, PREFERRED),
    Member("V-10399", "Schrauben Siegerland GmbH", "DEU", "Siegen", "Fasteners and springs", "good",
           13, SupplierStatus.APPROVED, "DAP", OTHER),
    Member("V-10485", "Taichung Fastener Works Co., Ltd", "TWN", "Taichung",
           "Fasteners and springs", "strong", 7, PREFERRED, "FOB"),
    Member("V-10613", "Montclair Springs Ltd", "GBR", "Redditch", "Fasteners and springs", "good",
           7),
    Member("V-10756", "Viterie Lario S.r.l.", "ITA", "Erba", "Fasteners and springs", "fair", 7,
           SupplierStatus.APPROVED),
    Member("V-10214", "Aurora Polímeros S.A.", "PRT", "Marinha Grande", "Plastics", "good", 12,
           IMPROVE),
    Member("V-10336", "Dongguan Mingrui Plastics Co., Ltd", "CHN", "Dongguan", "Plastics", "fair",
           16, IMPROVE, "FOB"),
    Member("V-10405", "Spritzguss Coburg GmbH", "DEU", "Coburg", "Plastics", "good", 13),
    Member("V-10496", "Oost Kunststoffen B.V.", "NLD", "Hengelo", "Plastics", "strong", 9,
           PREFERRED),
    Member("V-10627", "Plasty Beskid Sp. z o.o.", "POL", "Bielsko-Biała", "Plastics", "fair", 8,
           SupplierStatus.APPROVED),
    Member("V-10767", "Moldeo Monterrey S.A. de C.V.", "MEX", "Monterrey", "Plastics", "weak", 5,
           IMPROVE, "FCA"),
)
# fmt: on

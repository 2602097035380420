"""The demo's city, drawn by hand: boxes for areas, public buildings, a few streets, first names."""

# (west, south, east, north) in degrees; a district may be several boxes.
Box = tuple[float, float, float, float]
DISTRICTS: dict[str, list[Box]] = {
    "1": [(-90.300, 38.530, -90.190, 38.590)],
    "2": [(-90.320, 38.590, -90.258, 38.635)],
    "3": [(-90.258, 38.590, -90.175, 38.622)],
    "4": [(-90.235, 38.622, -90.175, 38.665)],
    "5": [(-90.320, 38.635, -90.235, 38.665), (-90.258, 38.622, -90.235, 38.635)],
    "6": [(-90.300, 38.665, -90.175, 38.775)],
}
PATROL_AREAS = {"South": ("1", "2"), "Central": ("3", "4"), "North": ("5", "6")}
PRECINCTS: dict[str, Box] = {"1": (-90.420, 38.700, -90.320, 38.800), "2": (-90.420, 38.600, -90.320, 38.700)}
NEIGHBORHOODS: dict[str, tuple[str, Box]] = {
    "36": ("Downtown West", (-90.217, 38.625, -90.197, 38.640)),
    "1": ("Carondelet", (-90.270, 38.540, -90.240, 38.565)),
}
WARDS: dict[str, Box] = {"14": (-90.220, 38.620, -90.175, 38.645), "1": (-90.280, 38.530, -90.235, 38.570)}

# (address, building, lat, lon), positions to about a hundred metres.
BUILDINGS = [
    ("1915 OLIVE ST", "Police headquarters", 38.6320, -90.2077),
    ("1200 MARKET ST", "City Hall", 38.6275, -90.1995),
    ("1301 OLIVE ST", "Central Library", 38.6307, -90.2006),
    ("1315 CHESTNUT ST", "Soldiers Memorial", 38.6287, -90.2002),
    ("1820 MARKET ST", "Union Station", 38.6282, -90.2077),
    ("10 N TUCKER BLVD", "Civil Courts", 38.6280, -90.1980),
    ("1114 MARKET ST", "Carnahan Courthouse", 38.6267, -90.1978),
    ("11 N 4TH ST", "Old Courthouse", 38.6258, -90.1893),
    ("701 CONVENTION PLZ", "America's Center", 38.6327, -90.1917),
    ("750 N 16TH ST", "City Museum", 38.6336, -90.2006),
    ("730 CARROLL ST", "Soulard Market", 38.6113, -90.2003),
    ("1701 S JEFFERSON AVE", "Barr Branch Library", 38.6137, -90.2213),
    ("3309 S GRAND BLVD", "Carpenter Branch Library", 38.5993, -90.2426),
    ("4344 SHAW BLVD", "Botanical Garden", 38.6146, -90.2592),
    ("4401 HAMPTON AVE", "Buder Branch Library", 38.5905, -90.2937),
    ("6800 MICHIGAN AVE", "Carondelet Branch Library", 38.5563, -90.2512),
    ("6424 SCANLAN AVE", "Machacek Branch Library", 38.5948, -90.3000),
    ("2260 S VANDEVENTER AVE", "Kingshighway Branch Library", 38.6172, -90.2675),
    ("6548 MANCHESTER AVE", "Marketplace Branch Library", 38.6225, -90.2970),
    ("5050 OAKLAND AVE", "Science Center", 38.6287, -90.2706),
    ("1 FINE ARTS DR", "Art Museum", 38.6395, -90.2945),
    ("1 GOVERNMENT DR", "Zoo", 38.6350, -90.2905),
    ("5700 LINDELL BLVD", "History Museum", 38.6453, -90.2858),
    ("225 N EUCLID AVE", "Schlafly Branch Library", 38.6463, -90.2613),
    ("1106 N UNION BLVD", "Cabanne Branch Library", 38.6580, -90.2752),
    ("4415 NATURAL BRIDGE AVE", "Julia Davis Branch Library", 38.6660, -90.2393),
    ("4234 N GRAND BLVD", "Divoll Branch Library", 38.6667, -90.2137),
    ("5760 W FLORISSANT AVE", "Walnut Park Branch Library", 38.6949, -90.2489),
    ("8448 CHURCH RD", "Baden Branch Library", 38.7135, -90.2307),
    ("41 S CENTRAL AVE", "County Government Center", 38.6487, -90.3378),
    ("7900 FORSYTH BLVD", "County Police headquarters", 38.6504, -90.3372),
]

# (name parts, numbers left and right, line): a few streets with ranges, so that more than buildings is found.
STREETS: list[tuple[str, str, str, tuple[int, int], tuple[int, int], list[list[float]]]] = [
    ("", "OLIVE", "ST", (1900, 1998), (1901, 1999), [[-90.2068, 38.6317], [-90.2096, 38.6321]]),
    ("", "OLIVE", "ST", (1800, 1898), (1801, 1899), [[-90.2048, 38.6314], [-90.2068, 38.6317]]),
    ("", "MARKET", "ST", (1200, 1298), (1201, 1299), [[-90.1982, 38.6272], [-90.2001, 38.6275]]),
    ("S", "GRAND", "BLVD", (3300, 3398), (3301, 3399), [[-90.2424, 38.6000], [-90.2428, 38.5982]]),
    ("N", "GRAND", "BLVD", (4200, 4298), (4201, 4299), [[-90.2143, 38.6656], [-90.2128, 38.6674]]),
    ("", "MICHIGAN", "AVE", (6800, 6898), (6801, 6899), [[-90.2510, 38.5566], [-90.2519, 38.5549]]),
]

FIRST_NAMES = (
    *("Alma", "Basil", "Cleo", "Dara", "Enzo", "Fern", "Gus", "Hana", "Ivo", "Juno", "Kit", "Lena", "Milo"),
    *("Nell", "Otto", "Pia", "Quin", "Rhea", "Sol", "Tess", "Uma", "Vito", "Wren", "Xena", "Yara", "Zeno"),
)

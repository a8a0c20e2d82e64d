"""What the sample files say: the water works of Harrowmere, which nobody but the tests has ever seen."""

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
PLACES = ("Harrowmere", "Oxley", "Tarn Hill", "Brackwater", "Lower Fenn", "Eastgate")
NAMES = ("Ansgar Holt", "Mirela Quist", "Tobias Fenwick", "Ivana Stroud", "Piet Larkin")
FINDINGS = ("a worn shaft seal", "a cracked gasket", "a clogged strainer", "a loose coupling", "no fault")

SAND = """# Rapid sand filters

The works at Harrowmere has eight rapid sand filters. Each filter holds 62 cubic metres of quartz sand with a grain
size of 0.9 millimetres, which rests on 30 centimetres of gravel. A filter cleans 480 cubic metres of water an hour.

## Backwashing

Backwashing is the reversal of the flow through a filter, which lifts the sand and rinses out the dirt. A filter is
backwashed every 36 hours, or as soon as the loss of head reaches 1.8 metres. The wash takes 14 minutes: 4 minutes with
air alone, then 10 minutes with water at a speed of 45 metres an hour.

## Inspection

- The sand level is measured every quarter; more than 5 centimetres of loss must be filled up.
- The nozzles are inspected every 6 years.
- Mud balls larger than 20 millimetres are removed by hand.

| Property | Value |
|---|---|
| Number of filters | 8 |
| Depth of sand | 1.2 m |
| Area of a filter | 52 square metres |
| Life of the sand | 15 years |
"""

PUMP = """# High-lift pump HL-4

The high-lift pump HL-4 lifts drinking water from the clear-water tank to the reservoir on Tarn Hill, 96 metres above.
It was built in 1987 and has two stages. Its motor takes 315 kilowatts and turns 1,480 times a minute.

Rated flow: 740 cubic metres an hour
Rated head: 104 metres
Weight: 2,350 kilograms
Bearing grease: lithium soap, grade 2

## Starting

The suction valve must be open before the motor is started, or the pump runs dry. The discharge valve is opened within
90 seconds. If the bearing temperature rises above 75 degrees, the pump must be stopped.

## Maintenance

The bearings are greased every 2,000 hours with 40 grams of grease. The shaft seal is replaced every 8,000 hours. The
coupling is aligned once a year, to within 0.05 millimetres.
"""

CARBON = (
    ("h1", "Activated carbon filters"),
    ("p", "Activated carbon removes pesticides and bad taste from the water. The works has four carbon filters of "
          "steel, each with 38 cubic metres of granulated carbon made from coconut shells."),
    ("h2", "Exchange of the carbon"),
    ("p", "The carbon is exchanged after 26 months, or as soon as more than 0.08 micrograms of atrazine a litre leave "
          "the filter. The exchange takes 3 days. Used carbon is returned to the maker, who heats it to 850 degrees."),
    ("li", "Close the inlet and drain the filter."),
    ("li", "Flush out the used carbon with 60 cubic metres of water."),
    ("li", "Soak the new carbon for 24 hours."),
    ("table", (("Property", "Value"), ("Contact time", "18 minutes"), ("Bed depth", "2.4 m"), ("Filters", "4"))),
)  # fmt: skip

PRIMING = (
    ("h1", "Priming a pump"),
    ("p", "Priming is the filling of the suction line with water before a pump starts. A pump that is not primed moves "
          "air only, and its seal burns within 3 minutes."),
    ("h2", "Procedure"),
    ("p", "Connect the vacuum pump VP-2 and let it run until the sight glass shows water, which takes about 7 minutes. "
          "Close the priming cock. The main pump must start within 5 minutes after that."),
    ("h2", "Faults"),
    ("p", "If the sight glass stays empty for 12 minutes, the foot valve leaks. Replacement foot valves are kept in "
          "store room 3, shelf 14."),
)  # fmt: skip

CHLORINE = """<p>Chlorine dosing is the last step of treatment at Harrowmere. The dose is 0.25 milligrams of free
chlorine a litre in winter and 0.35 milligrams from June to September. At the customer's tap at least 0.1 milligrams
must remain.</p> <h2>Storage</h2><p>Chlorine gas is kept in ten cylinders of 65 kilograms each, in a room with a gas
alarm that sounds at 0.5 parts per million. The cylinders stand on scales; one is exchanged when less than 4 kilograms
are left in it.</p> <h2>Duties</h2><ul><li>The residual is measured every 2 hours.</li><li>The alarm is tested every
Monday at 9 o'clock.</li> <li>Breathing masks are replaced after 5 years.</li></ul>
<table><tr><th>Season</th><th>Dose</th></tr><tr><td>Winter</td><td>0.25 mg/l</td></tr><tr><td>Summer</td><td>0.35 mg/l
</td></tr></table><p>The dosing pump was made in 2011 and delivers at most 12 litres of chlorine water a minute.</p>"""

VALVES = """<p>A gate valve closes a main by a wedge that is screwed down between two seats. The network has 1,940 gate
valves, from 80 to 600 millimetres wide. A valve of 300 millimetres needs 39 turns from open to closed.</p>
<h2>Exercising</h2><p>Every valve is closed and opened again once in 2 years, so that the spindle does not seize. Valves
on mains wider than 400 millimetres are exercised every year, by two people, between 1 and 4 o'clock at night.</p>
<h2>Markers</h2><p>Blue plates show where a valve lies: the upper number is its width in millimetres, the lower ones are
the distances to the right or left and to the front, in metres. There are 1,612 plates in the town.</p>"""

SAMPLING = """Water sampling

Samples are drawn at 24 taps in the town and at 5 points in the works. Each sample is a glass bottle of 500 millilitres,
sterilised at 180 degrees. The tap is flamed, then the water runs for 5 minutes before the bottle is filled.

The bottles travel in a cool box at 4 °C and must reach the laboratory in Oxley within 8 hours. Results are known after
44 hours. More than 100 colonies a millilitre at 22 °C count as a fault, and a single Escherichia coli closes the main.

Sampling days: Tuesday and Thursday
Samples a year: 2,860
Head of the laboratory: Mirela Quist
"""

ZONES = """Pressure zones

The town is divided into four pressure zones, since it rises from 31 to 118 metres above the sea. The pressure in a
house must stay between 2.5 and 6.0 bar. Zone A, “the harbour”, is fed by gravity; its pressure is reduced at station
PR-7.

Zone B lies around the café quarter and has 11,300 inhabitants. Zone C is pumped by the booster station at Eastgate,
which has three pumps of 45 kilowatts. Zone D, the highest, has a water tower of 38 metres that holds 400 cubic metres.

The price of 1,000 litres is 2.14 € in all zones. Leaks take 9.7 % of the water, down from 16 % in 1998.
"""

IMPELLER = (
    """Impeller of the high-lift pump
The impeller is the turning wheel that gives the water its speed. That of the pump HL-4 is cast from bronze, weighs 118
kilograms and has seven blades. Its diameter is 492 millimetres when new.
Wear is measured at the blade tips. If more than 6 millimetres are lost, the efficiency falls below 78 percent and the
impeller must be replaced.""",
    """Balancing
An impeller is balanced on two wheels to grade G 6.3. Metal may be taken from the back plate only, at most 90 grams.
Cavitation is the forming of vapour bubbles in the water, which burst at the blades and pit them. It sounds like gravel
and begins when the pressure at the inlet falls below 0.4 bar.
Spare impellers: 2
Store room: 5
Delivery time: 17 weeks""",
)

METERS = (
    """Water meters
The works has 18,420 water meters in houses. A household meter is of the type Q3 = 4 and lasts 6 years, then its seal of
calibration ends. A meter that runs backwards must be reported within 2 days.""",
    """Reading
Meters are read once a year, in November, by radio. The transmitter sends every 16 seconds, and its battery lasts 12
years. Customers whose meter sends nothing get a card, which 83 percent return.
A meter test costs 120 euros; the works pays if the error is more than 4 percent.""",
)

PARTS = """part,machine,life in hours,price in euros
Shaft seal,High-lift pump HL-4,8000,412.50
Bearing 6319,High-lift pump HL-4,24000,268.00
Coupling rubber,Booster pump BP-1,6000,38.90
Membrane,Dosing pump DP-3,4000,57.20
Strainer basket,Intake,12000,149.00
Foot valve,Suction line,30000,330.00
"""

FAULTS = (
    "fault\tcause\tremedy\n"
    "Pump hums and does not turn\tOne phase is missing\tReplace fuse F3\n"
    "Pump delivers no water\tFoot valve leaks\tReplace the foot valve and prime again\n"
    "Filter overflows\tNozzles are blocked\tBackwash twice, then inspect the nozzles\n"
    "Residual chlorine is zero\tCylinder is empty\tExchange the cylinder and note its weight\n"
)

HISTORY = (
    {"id": "founding", "title": "Founding of the works", "year": 1894, "text": "The water works of Harrowmere was "
     "founded in 1894, two years after 214 people had died of cholera. The engineer Tobias Fenwick built it in 19 "
     "months for 86,000 crowns. The first steam pump, called Old Berta, delivered 90 cubic metres an hour and ran "
     "until 1931."},
    {"id": "flood", "title": "The flood of 1953", "year": 1953, "text": "In the night of 1 February 1953 the sea broke "
     "the dyke at Lower Fenn and filled the engine hall 1.7 metres deep. The town was without water for 11 days. Since "
     "then all motors stand on a floor 3 metres above the yard, and a mark beside the door shows the height of the "
     "flood."},
    {"id": "control-room", "title": "The control room", "year": 1996, "text": "The control room was opened in 1996 and "
     "watches 640 signals. Two people work there in each shift, one at night. Alarms of class 1 ring at once, those of "
     "class 2 after 10 minutes. The system stores all values for 7 years, and a copy is kept in the town hall of "
     "Oxley."},
)  # fmt: skip

RESERVOIR = """# Reservoir on Tarn Hill

The reservoir on Tarn Hill holds 12,000 cubic metres in two chambers and covers the use of 15 hours. It was dug in 1962.

## Cleaning

Each chamber is cleaned once a year, in March, when it has been emptied through the scour valve, which takes 9 hours.
The walls are washed with water at 90 bar and disinfected with hydrogen peroxide of 3 percent. The chamber is filled
again after 2 samples without germs, taken 24 hours apart.
"""

SHIFTS = """Rules of the night shift

The night shift lasts from 22 to 6 o'clock. The person on shift walks round the engine hall every 3 hours and writes the
bearing temperatures of all pumps into the logbook. Nobody enters the chlorine room alone.

At a power failure the diesel generator starts within 20 seconds. Its tank holds 1,800 litres, which last for 30 hours.
If it does not start, the person on shift calls the number 417 and closes the valve to the reservoir.
"""

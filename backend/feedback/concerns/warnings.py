"""What a text seems to be about that cannot wait for us: five kinds, in nine languages. Pure.

A hint, and no diagnosis: who meant something else goes on. English and Spanish are looked at most closely. A thing of
the past, or of every week, is no emergency unless it is said to be one now.
"""

import re
from collections.abc import Iterable

from backend.feedback.concerns.plain import bare, marked

EMERGENCY, CRISIS, DOMESTIC_VIOLENCE, SEXUAL_VIOLENCE, CHILD = KINDS = (
    *("emergency", "crisis", "domestic_violence", "sexual_violence", "child"),
)
PRIVATE_KINDS = frozenset({CRISIS, DOMESTIC_VIOLENCE, SEXUAL_VIOLENCE})

# What is neither, whatever words it has.
HARMLESS = (
    r"fire ?(?:hydrants?|works?|crackers?|trucks?|house|stations?|alarms?|lanes?|escapes?|fighters?"
    r"|departments?)",
    r"fire\w* (?:drills?|extinguishers?)",
    r"shots? of (?:espresso|whiskey|tequila|vodka)|flu shots?|(?:covid|booster|vaccine) shots?|shot glass\w*",
    r"(?:nail|glue|heat|staple|squirt|water|toy|radar|speed|paint(?:ball)?) guns?|top gun|gun (?:shop"
    r"|store|show)s?",
    r"(?:tree|grass|lawn|plant)s? (?:is|are) dying",
    r"suicide (?:lanes?|doors?|squad|prevention \w+)|dying (?:tree|grass|lawn|plant)s?",
    r"(?:boca|toma) de incendios?|hidrantes?(?: de incendios?)?|camion de bomberos|pistola de (?:agua"
    r"|clavos|silicon)",
)
USED_TO_BE = (
    r"\b(?:last|every|each|most) (?:\w+ )?(?:night|week\w*|month|year|summer|day|morning|evening|friday"
    r"|saturday|sunday"
    r"|time|new year\w*)s?\b|\byesterday\b|\b(?:days?|weeks?|months?|years?|hours?) ago\b"
    r"|\b(?:often|always|usually|sometimes|used to|again and again|all the time|at night|on weekends"
    r"|for weeks|for months)\b"
    r"|\b(?:ayer|anoche|antier|(?:cada|todas las|todos los) \w+|(?:la semana|el mes|el ano) pasad[oa]"
    r"|hace (?:\w+ )?(?:dias?|semanas?|meses|anos?)|siempre|a veces|a menudo|por las noches)\b"
)
NOW = (
    r"\b(?:right now|happening now|just now|at th(?:is|e) (?:very )?moment|as (?:i|we) (?:write|speak"
    r"|type)|this minute"
    r"|(?:is|are|he|she|they|me|here|again|him|her|us) now|hurry"
    r"|ahorita|ahora mismo|en est[eo]s? (?:mismo )?(?:momento|instante)s?|esta pasando ahora)\b"
)
_WHO = (
    r"(?:someone|somebody|he|she|they|guy|man|woman|person|people|men|kid|kids|teen\w*|neighbor|intruder|who)"
)
_PARTNER = r"(?:husband|wife|boyfriend|girlfriend|partner|spouse|fiancee?|ex|baby ?daddy|stepdad|stepfather)"
_FAMILY = rf"(?:{_PARTNER}|dad|father|mom|mother|son|daughter|brother|uncle|roommate)"
_HURTS = (
    r"(?:hit|hits|hitting|beat|beats|beating|beaten|hurt|hurts|hurting|chok\w+|strangl\w+|slap\w*"
    r"|punch\w*|kick\w*"
    r"|threaten\w*|abus\w+|attack\w*|stalk\w*|burn(?:s|ed|ing)|controls|pull(?:s|ed) a (?:gun|knife) on)"
)
_PAREJA = r"(?:esposo|esposa|marido|novio|novia|pareja|ex|conyuge|companero)"
_PEGA = (
    r"(?:pega|pego|pegando|golpea\w*|golpeo|maltrata\w*|maltrato|amenaza\w*|amenazo|ahorc\w+|estrangul\w+"
    r"|abusa\w*"
    r"|empuja\w*|lastima\w*|acosa\w*|quiere matar)"
)
_NINO = r"(?:nin[oa]s?|hij[oa]s?|bebes?|menor(?:es)?)"
_CHILD = r"(?:child|children|kids?|baby|babies|toddlers?|infants?|stepson|stepdaughter|(?:little|young) (?:boy|girl)s?)"

# Kind → patterns on `plain.bare`. English and Spanish first, then Bosnian, Arabic, Somali, Swahili, Dari, Pashto.
BARE: dict[str, tuple[str, ...]] = {
    EMERGENCY: (
        rf"\b{_WHO} (?:\w+ )?(?:has|have|had|got|with|is holding|holding|is waving|waving|pulled|pointing"
        rf"|pointed) "
        r"(?:out )?(?:a |an |his |her |the )?(?:\w+ )?(?:gun|guns|knife|rifle|pistol|weapon|machete)\b",
        r"\b(?:is|are|m|am|he s|she s|re) (?:\w+ )?(?:shooting|stabbing|robbing|attacking|being (?:robbed"
        r"|attacked|stabbed|beaten"
        r"|followed)|bleeding|unconscious|choking|breaking in\w*|kicking in|overdosing|dying)\b(?! (?:tree"
        r"|of thirst))",
        r"\bshots fired\b|\bactive shooter\b|\b(?:was|been|got|is|just) (?:just )?(?:shot|stabbed)\b(?! (?:at"
        r"|down|by a camera))",
        r"\bhear(?:ing)? (?:gun ?shots?|shooting|shots|screaming)\b",
        r"\b(?:house|home|building|apartment|car|garage|roof|kitchen|someone|it) (?:\w+ ){0,2}(?:is|s|are"
        r"|just|caught) (?:\w+ )?on fire\b"
        r"|\b(?:there is|there s|theres) (?:a |an )?(?:\w+ )?(?:fire|smoke coming)\b|\bburning down\b",
        r"\b(?:breaking|break|broke|kicking|climbing) (?:in|into|down|through) (?:to )?(?:my|our|the|her|his"
        r"|next|a) "
        r"(?:\w+ )?(?:house|home|door|apartment|window|place|garage|store)\b|\b(?:intruder|burglar)\b"
        r"|\bcarjack\w*",
        r"\b(?:can ?t|cannot|can not|couldn ?t) breathe?\b|\b(?:not|isn ?t|stopped) breathing\b",
        r"\bover ?dos(?:e|ed|ing)\b|\b(?:won ?t|will not|not|can ?t) (?:wake|waking) up\b|\bheart attack\b"
        r"|\bpassed out\b",
        r"\bsend (?:the )?(?:police|help|someone|somebody|an ambulance|ambulance|cops|officers?)\b"
        r"|\b(?:please )?help me (?:now|please)\b|\bgoing to (?:kill|shoot|stab) (?:me|us|him|her|them"
        r"|somebody|someone)\b",
        # Spanish
        r"\b(?:tiene|tienen|trae|traen|con|saco|sacaron) (?:una?|el|la|su)? ?(?:pistola|arma|cuchillo|rifle"
        r"|navaja|machete)\b",
        r"\b(?:estan?|anda|andan) (?:disparando|tirando balazos|robando|apunalando|golpeando|atacando"
        r"|entrando a"
        r"|rompiendo (?:la|mi)|metiendose|quemandose|sangrando|inconsciente)\b",
        r"\b(?:balazos|balacera|tiroteo|incendio|fuego en|se quema|se esta quemando|en llamas)\b",
        r"\bno (?:puedo|puede|pueden) respirar\b|\bno respira\b|\bsobredosis\b|\bno (?:despierta|reacciona)\b",
        r"\b(?:manden|envien|llamen a) (?:a )?(?:la )?(?:policia|ayuda|ambulancia)\b|\bauxilio\b|\bme (?:van?"
        r"|quieren?) (?:a )?matar\b",
        # Bosnian
        r"\bima (?:pistolj|noz|pusk|oruzje)|\bpuca(?:ju)?\b|\bpucnjav|\b(?:gori|zapalil\w+) (?:kuca|zgrada"
        r"|stan|se)|\b(?:kuca|zgrada) gori"
        r"|\bpozar\b|\bprovalj?uj|\bne (?:moze|mogu) (?:da )?(?:dise|disem|disati)\b|\bne dise\b|\bkrvari\b"
        r"|\bpredozira|\bupomoc\b",
        # Arabic
        r"(?:معه|لديه|يحمل) (?:مسدس|سلاح|سكين)|يطلق\w* النار|اطلاق نار|حريق|يحترق|يقتحم|لا (?:يستطيع"
        r"|استطيع) التنفس|لا يتنفس"
        r"|ينزف|جرعة زائدة|فاقد الوعي|النجده",
        # Somali
        r"\bqori (?:buu|bay|ayuu)|\btoogasho|\brasaas\b|\btooganay|\bdab (?:baa|ayaa)\b|\bgub(?:anay|at)a\w*"
        r"|\bma neefsan|\bneefsan may"
        r"|\bdhiig ?bax|\bmindi\b|\bjabsanay|\bi caawi\w*",
        # Swahili
        r"\b(?:ana|wana) (?:bunduki|kisu|silaha|panga)\b|\b(?:ana|wana)piga risasi\b|\bmilio ya risasi\b"
        r"|\bmoto unawaka\b"
        r"|\binawaka moto\b|\binaungua\b|\b(?:ana|wana)vunja (?:mlango|nyumba|dirisha)\b|\b(?:si"
        r"|ha)wezi kupumua\b|\bhapumui\b"
        r"|\b(?:ana)?tokwa na damu\b|\bnisaidieni\b",
        # Dari
        r"(?:تفنگچه|تفنگ|سلاح|چاقو|کارد) دارد|فیر می ?کن|آتش گرفت|می ?سوزد|نفس کشیده نمی ?توان|نفس نمی ?کش"
        r"|خون ?ریزی دارد|بی ?هوش",
        # Pashto
        r"(?:ټوپک|تومانچه|چاړه|چاقو|وسله) لري|ډزې|اور (?:یې )?اخیست|کور سوځي|ساه نشي اخیست|ساه نه اخلي"
        r"|بې ?هوښه",
    ),
    CRISIS: (
        r"\b(?:kill|killing|hang|shoot|drown|harm|harming|cutting) (?:my|him|her|them|your)sel(?:f"
        r"|ves)\b(?! o(?:n|ff)\b)",
        r"\bsuicid(?:e|al)\b|\bself ?-?harm",
        r"\b(?:want|wants|wanted|going|ready|wish(?:es)?) (?:to|i (?:could|was|were)) (?:die|dead|be dead)\b"
        r"|\bwanna die\b",
        r"\b(?:end|ending|take|taking) (?:my|his|her|their)(?: own)? li(?:fe|ves)\b|\b(?:end|ending) it all\b",
        r"\b(?:no reason|don ?t want|doesn ?t want|do not want|no longer want|not want) to (?:live|be alive"
        r"|be here anymore|go on)\b",
        r"\bbetter off (?:dead|without me)\b|\b(?:want|wanna|going|gonna|might|will) (?:to )?hurt (?:my|him"
        r"|her|them)sel(?:f|ves)\b",
        r"\b(?:me quiero|quiero|voy a|quisiera|quiere|se quiere|se va a) (?:matar(?:me|se)?|morir(?:me|se)?"
        r"|suicidar\w*)\b"
        r"|\bme voy a matar\b|\bsuicid\w+|\bquitar(?:me|se) la vida\b|\bno quiero (?:seguir )?vivi(?:r"
        r"|endo)\b|\bhacer(?:me|se) dano\b",
        r"\bubi(?:t cu|cu|jem|ti) se(?:be)?\b|\bda se ubije\w*|\bsamoubi|\bne zelim (?:vise )?(?:da )?ziv"
        r"|\bhocu da umrem\b",
        r"انتحر|انتحار|الانتحار|(?:اقتل|اوذي) نفسي|اريد ان اموت|لا اريد ان اعيش",
        r"\bis ?dil(?:o|aa|ayo|i)?\b|\binaan dhinto\b|\bnaftayda (?:inaan )?(?:dil|qaad)",
        r"\bkujiua\b|\bnitajiua\b|\bnataka kufa\b|\bsitaki kuishi\b|\bkujidhuru\b",
        r"خود ?کشی|خود(?:م)? را (?:می ?کش|بکش)|می ?خواهم بمیرم|نمی ?خواهم زنده",
        r"ځان ?وژن|ځان (?:و)?وژن|غواړم (?:چې )?مړ شم",
    ),
    DOMESTIC_VIOLENCE: (
        r"\bdomestic (?:violence|abuse|dispute|disturbance)\b|\babusive (?:\w+ )?(?:relationship|home|partner"
        r"|husband|wife"
        r"|boyfriend|girlfriend)\b|\b(?:restraining order|order of protection|protective order)s?\b",
        rf"\b{_FAMILY}(?:(?: \w+){{0,3}})? (?<!was )(?<!got )(?<!been ){_HURTS}(?: \w+)?? "
        r"(?:me|her|him|us|them|my (?:mom|mother|sister|kids|children)|(?:his|her|their|the) (?:kids|children"
        r"|wife|husband))\b",
        rf"\b{_HURTS} by (?:my|her|his|their|a|the|an) (?:\w+ )?{_PARTNER}\b",
        rf"\b{_HURTS} (?:\w+ )?(?:his|her|their) (?:\w+ )?{_PARTNER}\b",
        rf"\b(?:afraid|scared|terrified) of (?:my|her|his) (?:\w+ )?{_FAMILY}\b"
        r"|\b(?:afraid|scared) to (?:go|be|come) (?:back )?home\b",
        rf"\b(?:mi|su|tu)s? (?:ex ?)?{_PAREJA}\b(?: \w+){{0,3}} (?:me|la|lo|nos|le|les) (?:\w+ )?{_PEGA}\b",
        rf"\bviolencia (?:domestica|familiar|intrafamiliar|de genero|en (?:el|mi) hogar|en (?:la|mi) casa)\b"
        rf"|\b{_PEGA} (?:\w+ )?a su (?:\w+ )?{_PAREJA}\b|\borden de (?:proteccion|restriccion|alejamiento)\b",
        r"\b(?:muz|suprug|zena|decko|momak|partner|bivsi)\b(?: \w+){0,3} (?:tuce|bije|udara|udario|davi"
        r"|prijeti|maltretira)"
        r"|\bnasilj\w+ u (?:kuci|porodici)\b|\bporodicno nasilje\b|\b(?:tuce|bije) (?:me|zenu|suprugu)\b",
        r"(?:زوجي|زوجها|شريكي|طليقي|خطيبي).{0,30}(?:يضرب|ضرب|يهدد|هدد|يخنق|خنق|يعنف)|يضرب زوجته|عنف (?:منزلي"
        r"|اسري)"
        r"|العنف (?:المنزلي|الاسري)",
        r"\b(?:ninkayga|seygayga|sayga|xaaskayga|ninkeeda)\b.{0,30}(?:garaac|dil|hanjab|ceeji)|\b(?:rabshad"
        r"|tacaddi)\w* (?:guriga|qoyska)",
        r"\b(?:mume|mke|mpenzi|mchumba)\b.{0,20}\b(?:ana|hu|ali|ku)(?:ni|m)(?:piga|tishia|kaba|umiza)\b"
        r"|\b(?:ukatili|unyanyasaji|vurugu) (?:wa|za) (?:nyumbani|majumbani|kijinsia)\b",
        r"(?:شوهرم|شوهرش|خانمم|نامزدم|همسرم).{0,30}(?:می ?زن|لت|تهدید|خفه|آزار)|خشونت (?:خانگی|فامیلی"
        r"|خانوادگی)|لت و کوب می",
        r"(?:میړه|خاوند|ښځه).{0,30}(?:وهي|وهل|ګواښ|ځوروي)|کورن\w+ تاوتریخوال",
    ),
    SEXUAL_VIOLENCE: (
        r"\b(?:gang ?)?rap(?:e|ed|es|ing|ist|ists)\b|\bmolest\w*|\bgrop(?:ed|es|ing)\b|\bincest\b"
        r"|\bsex(?:ual)? traffick\w*",
        r"\bsexual(?:ly)? (?:\w+ )?(?:assault\w*|abus\w*|harass\w*|violence|violated|touched)\b",
        r"\b(?:forced|forcing|made) (?:me|her|him|them|us) (?:to have|into|to) (?:sex|oral|touch (?:him|his"
        r"|her))\b"
        r"|\btouch(?:ed|es|ing) (?:me|her|him|my \w+) (?:inappropriately|sexually|down there|private\w*)\b",
        r"\bviol(?:aron|acion|ada|ador|arme|arla|o a|aba a)\b(?! (?:de|del|a) (?:la |las )?(?:ley|codigo"
        r"|transito|reglas|ordenanza))"
        r"|\b(?:abuso|acoso|agresion|asalto|violencia) sexual\b|\babus\w+ sexualmente\b|\bme (?:manose\w+"
        r"|toco (?:sexualmente|sin))\b",
        r"\bsilova\w*|\bseksualn\w+ (?:napad|napast|zlostav|uznemir|nasil)\w*",
        r"اغتصب|اغتصاب|(?:اعتداء|تحرش) جنسي|تحرش(?:وا)? ب",
        r"\bkufs(?:i|a|ad|aday|aden)\w*|\btacaddi (?:galmo|jinsi)|\bfaraxumayn",
        r"\bubakaji\b|\b(?:ali|wali|ame)(?:ni|m)baka\b|\b(?:nime|ame|nili|ali)bakwa\b"
        r"|\bunyanyasaji wa kingono\b|\bkubakwa\b",
        r"تجاوز (?:جنسی|کرد|شد)|آزار جنسی|تعرض جنسی",
        r"جنسي (?:تیری|تېری|ځورون)",
    ),
    CHILD: (
        rf"\bchild (?:abuse|neglect|porn\w*|molest\w*)\b|\b{_HURTS} (?:\w+ )?(?:a|the|his|her|their|that|this"
        rf"|my|those) "
        rf"(?:\w+ )?{_CHILD}\b(?! (?:with|on) (?:a|his|her|the) (?:bike|car|scooter))",
        rf"\b{_CHILD} (?:\w+ ){{0,3}}(?:being (?:hurt|abused|beaten|neglected|molested)|locked (?:in|up|out)"
        rf"|starv\w+"
        r"|(?:has|have|had|with|covered in) bruises|unsupervised overnight)\b",
        rf"\b{_CHILD} (?:\w+ ){{0,2}}(?:left )?alone (?:in (?:a|the|that|his|her) (?:hot )?(?:car|house|home"
        rf"|apartment|van)|at home|all night)\b",
        rf"\b(?:maltrat\w+|abus\w+|golpea\w*|pega\w*|descuid\w+|negligencia) (?:\w+ )?(?:de |a |al "
        rf"|con )?(?:un[oa]?s? |l[oa]s? |el |su |sus |mis? )?{_NINO}\b"
        rf"|\b(?:abuso|maltrato) infantil\b|\b{_NINO} (?:\w+ )?(?:sol[oa]s? en (?:el|la|un) (?:carro|coche"
        rf"|casa)|encerrad[oa]s?|golpead[oa]s?)\b",
        r"\bzlostavlja\w* (?:dijete|djec|malodob)|\b(?:tuce|bije|udara) (?:svoje |to |svoju )?(?:dijete|djecu"
        r"|dite)\b",
        r"(?:اساءه|يسيء|عنف|يعنف|يوذي).{0,20}(?:طفل|اطفال)|يضرب\w* (?:ال)?(?:طفل|اطفال|ابنه|ابنته|اولاده)",
        r"\b(?:ilmo|ilma|carruur|caruur|cunug)\w*\b.{0,25}(?:garaac|xadgud|dayac|la dili)",
        r"\b(?:ana|wana|ku)(?:m|wa)?piga (?:mtoto|watoto)\b|\b(?:unyanyasaji|ukatili) (?:wa"
        r"|dhidi ya) (?:mtoto|watoto)\b|\bmtoto (?:anapigwa|anateswa)\b",
        r"(?:طفل|اطفال|کودک).{0,20}(?:لت|می ?زن|آزار|خشونت)",
        r"ماشوم.{0,20}(?:وهي|وهل|ځوروي)",
    ),
}
# --- violence at home in longer sentences -----------------------------------------------------------------

# Who or what else may do it in the same sentence: "my wife and I crossed when a car hit us".
_OTHERS = (
    r"(?:cars?|trucks?|vans?|bus|buses|bikes?|bicycles?|scooters?|drivers?|vehicles?|suv|dogs?|balls?|branch"
    r"|trees?|someone|somebody|neighbors?|guys?|man|men|woman|people|strangers?|we|it|tickets?)"
)
_OTROS = (
    r"(?:carros?|coches?|camion\w*|autos?|bicicletas?|perros?|conductor\w*|vecin\w+|alguien|pelota|gente)"
)
_BEATS = (
    r"(?!beat(?:s|ing)? (?:me|us) to (?!death))"
    r"(?:hits?|hitting|beats?|beating|beaten|chok(?:e[sd]?|ing)|strangl(?:e[sd]?|ing)|slap(?:s|ped|ping)?"
    r"|punch(?:e[sd]|ing)?|kick(?:s|ed|ing)?|burn(?:s|ed|ing)|stab(?:s|bed|bing)?|shov(?:e[sd]?|ing)"
    r"|push(?:e[sd]|ing)?|grab(?:s|bed|bing)?|throws?|threw|thrown|throwing|drag(?:s|ged|ging)?"
    r"|abus(?:e[sd]?|ing)|hurts?|hurting|threaten(?:s|ed|ing)?|smother(?:s|ed|ing)?|bit|bites)"
)
_ME = r"(?:me|us|my (?:mom|mother|sister|kids?|children|son|daughter|baby))"
# What makes another thing of it: a party for me, a crash, a game, a favor, a bill.
_NOT_SO = (
    r"(?! (?:up\b|off\b|to (?!the\b|my\b|death\b)|back (?:up|with)\b|an?\b|some\b|the\b|from behind|head on"
    r"|in the crosswalk|in traffic|into (?:report|call|writ|fil|ask|apply)\w*"
    r"|(?:and|then) (?:drove|sped|ran)|by (?:a|one|two|an hour)"
    r"|(?:at|near|on) (?:the|a|that|this) (?:light|corner|stop|intersection|crosswalk|basketball|game)"
    r"|at (?:basketball|chess|soccer|kickball)"
    r"|while (?:i|we) (?:was|were) (?:driving|crossing|biking|walking|riding|parked)"
    r"|with (?:\w+ )?(?:car|truck|van|bike|scooter|ball|door|cart|snowballs?|fines?|fees?|tickets?|bills?|lawsuit)))"
)
# Looked for within one sentence.
AT_HOME = (
    rf"\b{_FAMILY}(?: (?!{_OTHERS}\b|the (?:officer|cop)|and i\b)\w+){{0,12}}? (?<!was )(?<!got )(?<!been )"
    rf"{_BEATS} {_ME}\b{_NOT_SO}",
    rf"\b(?:he|she)(?: (?!{_OTHERS}\b)\w+){{0,3}}? {_BEATS} {_ME}\b{_NOT_SO}",
    rf"\bthey(?: (?:have|had|keep|kept|always|often|just|all|both|would|will|ve)){{0,2}} "
    rf"(?!beat us|throw|threw|push|grab|threaten|hurt){_BEATS} {_ME}\b{_NOT_SO}",
    rf"\b(?:he|she)(?: (?!{_OTHERS}\b)\w+){{0,5}}? (?:kill|murder) {_ME}\b(?! (?:driving|with (?:his|her|that) \w+))",
    r"\b(?:hands?|arms?|belt|cord|rope|fingers) (?:\w+ )?(?:around|round|on) (?:my|our|her) (?:neck|throat)\b",
    r"\b(?:put|puts|putting|laid|lays) (?:his|her) hands on (?:me|us)\b",
    r"\b(?:afraid|scared|terrified|frightened) of (?:him|her)(?: (?:and|when|because|but|now|at|since|if|so|he|she"
    r"|i|every|all|too|tonight|again)\b|$)",
    r"\b(?:being|been|get|gets|getting|m|am|is) (?:\w+ )?(?:abused|beaten|choked|slapped|threatened|hurt) "
    r"(?:\w+ )?(?:at home|(?:in|at) (?:my|our|her|his) (?:own )?(?:home|house|apartment))\b",
    rf"\b(?:mi|su|tu)s? (?:ex ?)?{_PAREJA}\b(?: (?!{_OTROS}\b|y yo\b)\w+){{0,12}}? (?:me|nos) (?:\w+ )?{_PEGA}\b",
    rf"\b(?:el|ella)(?: (?:siempre|todavia|ya|a veces|tambien|hoy|anoche|borracho|otra vez|si)){{0,2}} (?:me|nos) "
    rf"(?:\w+ )?{_PEGA}\b",
    r"(?<!sol )(?<!luz )\b(?:me|nos) (?:pega|golpea|maltrata|ahorca|estrangula|amenaza|empuja) (?:cada|tod[oa]s|cuando"
    r"|mucho|siempre|si|en (?:la|mi) casa)\b",
    r"\b(?:le tengo miedo|tengo miedo de (?:el|ella))(?: (?:y|porque|cuando|pero|si)\b|$)",
)  # fmt: skip
# Without its marks "bắn" (to shoot) is "bạn" (a friend).
VIETNAMESE = {
    EMERGENCY: (
        r"có súng|cầm súng|đang bắn|nổ súng|tiếng súng|cầm dao|đang cháy|cháy nhà|nhà cháy|không thở được"
        r"|ngừng thở"
        r"|đột nhập|chảy máu nhiều|quá liều|bất tỉnh|cứu tôi|cứu với",
    ),
    CRISIS: (r"tự tử|tự sát|muốn chết|không muốn sống|tự làm hại|tự làm đau",),
    DOMESTIC_VIOLENCE: (
        r"(?:chồng|vợ|bạn trai|bạn gái|người yêu).{0,20}(?:đánh|bóp cổ|đe dọa|bạo hành|hành hạ)"
        r"|bạo lực gia đình|bạo hành gia đình",
    ),
    SEXUAL_VIOLENCE: (r"hiếp dâm|cưỡng hiếp|cưỡng bức|(?:tấn công|xâm hại|quấy rối|lạm dụng|bạo lực) tình dục|sàm sỡ",),
    CHILD: (
        r"(?:bạo hành|ngược đãi|lạm dụng|bỏ rơi|hành hạ) (?:trẻ|con|em bé|cháu)|đánh (?:đập )?(?:trẻ|con nít"
        r"|em bé|đứa bé|con của|các con)",
    ),
}  # fmt: skip


def _any(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


def _bare_pattern(pattern: str) -> str:
    """Its letters as `bare` writes them; what is Latin here is so already, and has blanks that count."""
    return "".join(c if c.isascii() else bare(c) for c in pattern)


_HARMLESS, _USED_TO_BE, _NOW = _any(HARMLESS), re.compile(USED_TO_BE), re.compile(NOW)
_BARE = {kind: _any(map(_bare_pattern, patterns)) for kind, patterns in BARE.items()}
_MARKED = {kind: _any(patterns) for kind, patterns in VIETNAMESE.items()}
_AT_HOME = _any(AT_HOME)
_BREAKS = re.compile(r"[^\w\s]+")
# Not after "Sgt." and the like.
_SENTENCE_ENDS = re.compile(r"[!?;…\n]+|(?<=\w\w\w\w)\.")


def find_warnings(text: str) -> list[str]:
    """The kinds (KINDS) of which the text has words, most urgent first."""
    plain, with_marks = _HARMLESS.sub(" ", _spoken(bare(text))), _spoken(marked(text))
    found = [
        k
        for k in KINDS
        if _BARE[k].search(plain)
        or _MARKED[k].search(with_marks)
        or (k == DOMESTIC_VIOLENCE and _is_at_home(text))
    ]
    if EMERGENCY in found and _USED_TO_BE.search(plain) and not _NOW.search(plain):
        found.remove(EMERGENCY)
    return found


def _is_at_home(text: str) -> bool:
    return any(_AT_HOME.search(_spoken(bare(sentence))) for sentence in _SENTENCE_ENDS.split(text))


def _spoken(plain: str) -> str:
    """Words alone: "can't" is "can t"."""
    return " ".join(_BREAKS.sub(" ", plain).split())

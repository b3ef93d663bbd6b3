"""Free queries over our own data, each with a kind of pattern that the canned ones may not have."""

PREFIXES = """
PREFIX base: <https://w3id.org/oxus/>
PREFIX id: <https://w3id.org/oxus/id/>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX oxus: <https://w3id.org/oxus/ontology#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
FREE = {
    "a join": "SELECT ?a ?p ?j { ?a oxus:joins ?j . ?a oxus:hasParty ?p } ORDER BY ?a",
    "a long join": """SELECT ?person ?role ?event ?day { ?part oxus:isParticipationOf ?person ; oxus:hasRole ?role ;
        oxus:isParticipationIn ?event . ?event oxus:hasBestDate/oxus:edtf ?day } ORDER BY ?person ?event ?role""",
    "an optional": """SELECT ?event ?place ?day { ?event a oxus:Event OPTIONAL { ?event oxus:takesPlaceIn ?place }
        OPTIONAL { ?event oxus:hasDate ?day } } ORDER BY ?event ?place ?day""",
    "an optional in an optional": """SELECT ?a ?place ?l { ?a a oxus:Training OPTIONAL { ?a oxus:takesPlaceIn ?place
        OPTIONAL { ?place rdfs:label ?l FILTER(LANG(?l) = "tg") } } } ORDER BY ?a ?place""",
    "a union": """SELECT ?x ?y { { ?x oxus:isSubordinateTo ?y } UNION { ?x oxus:belongsTo ?y }
        UNION { ?x oxus:borders ?y } } ORDER BY ?x ?y""",
    "values": """SELECT ?x ?l { VALUES ?x { id:tajikistan id:nato id:dushanbe } ?x rdfs:label ?l } ORDER BY ?x ?l""",
    "a filter on text": """SELECT ?x ?l { ?x a oxus:Actor ; rdfs:label ?l
        FILTER(CONTAINS(LCASE(?l), "university") && LANG(?l) = "en") } ORDER BY ?x""",
    "a filter on numbers": """SELECT ?x ?n { ?x oxus:begin ?n ; oxus:hasKind oxus:hedged FILTER(?n > 1000) }
        ORDER BY ?x""",
    "dates compared": """SELECT ?x ?d { ?x oxus:hasDate ?d . ?d oxus:earliestBegin ?b ; oxus:latestEnd ?e
        FILTER(?b >= "2005-01-01T00:00:00Z"^^xsd:dateTime && ?e < "2009-01-01T00:00:00Z"^^xsd:dateTime) }
        ORDER BY ?d ?x""",
    "a superclass": "SELECT ?x { ?x a oxus:Organisation } ORDER BY ?x",
    "a superproperty": "SELECT ?x ?y { ?x oxus:participatesIn ?y . ?y a oxus:Meeting } ORDER BY ?x ?y",
    "a path of subclasses": """SELECT ?x ?c { ?c rdfs:subClassOf+ oxus:Event . ?x a ?c . ?x oxus:hasDate ?d }
        ORDER BY ?x ?c""",
    "a transitive path": "SELECT ?t ?b { ?t skos:broader+ ?b } ORDER BY ?t ?b",
    "a path of none or more": "SELECT ?c { oxus:Exercise rdfs:subClassOf* ?c } ORDER BY ?c",
    "inverse and alternative": """SELECT ?x ?y { ?x (^oxus:isRunBy|oxus:leads)/oxus:takesPlaceIn ?y } ORDER BY ?x ?y""",
    "who says so": """SELECT ?g ?s ?r { GRAPH ?g { ?s oxus:hasRole ?r } ?g oxus:isPassageOf ?d } ORDER BY ?g ?s ?r""",
    "readings rejected": """SELECT ?j ?g ?s ?p ?o { ?j oxus:rejects ?g . GRAPH ?g { ?s ?p ?o } }
        ORDER BY ?g ?s ?p ?o""",
    "a sub-select": """SELECT ?x ?d { { SELECT ?x { ?x a oxus:Visit } } ?x oxus:hasDate ?d } ORDER BY ?x ?d""",
    "exists": """SELECT ?x { ?x a oxus:Instrument FILTER EXISTS { ?y oxus:isBasedOn ?x } } ORDER BY ?x""",
    "a copy": "SELECT ?y ?n { ?x oxus:isHeldBy ?h . ?h oxus:standardCode ?n BIND(?h AS ?y) } ORDER BY ?y ?n",
    "distinct and limited": """SELECT DISTINCT ?place { ?x oxus:takesPlaceIn ?place ; oxus:coversTopic ?t }
        ORDER BY ?place LIMIT 10""",
    "a count": """SELECT ?place (COUNT(DISTINCT ?x) AS ?n) WHERE { ?x oxus:takesPlaceIn ?place }
        GROUP BY ?place ORDER BY DESC(?n) ?place""",
    "the first and the last": """SELECT ?c (MIN(?b) AS ?first) (MAX(?b) AS ?last) WHERE {
        ?x oxus:hasBestDate ?d . ?x a ?c . ?c rdfs:subClassOf oxus:Activity . ?d oxus:earliestBegin ?b }
        GROUP BY ?c ORDER BY ?c""",
    "a count of all with having": """SELECT ?d (COUNT(*) AS ?n) WHERE { ?p oxus:isPassageOf ?d ;
        oxus:hasKind oxus:opinion } GROUP BY ?d HAVING(COUNT(*) > 1) ORDER BY ?d""",
    "an optional that binds what stands after it": """SELECT DISTINCT ?w ?z { ?x a oxus:Event
        OPTIONAL { ?x oxus:takesPlaceIn ?z } ?w oxus:isPartOf ?z } ORDER BY ?w ?z""",
    "many rows alike": "SELECT ?t { ?s a ?t FILTER(?t = prov:Entity) }",
    "pairs alike": """SELECT ?d { ?p oxus:isPassageOf ?d . ?q oxus:isPassageOf ?d } ORDER BY ?d LIMIT 400""",
    "a path over blank nodes": "SELECT ?c ?m { ?c owl:members/rdf:rest*/rdf:first ?m } ORDER BY ?c ?m",
    "nothing bound": """SELECT ?x { ?x a oxus:Training OPTIONAL { ?x oxus:takesPlaceIn ?p }
        FILTER(COALESCE(?p, "none") = "none") } ORDER BY ?x""",
    "nothing counted": """SELECT ?x WHERE { ?x a oxus:Training OPTIONAL { ?x oxus:takesPlaceIn ?p } }
        GROUP BY ?x HAVING(COUNT(?p) = 0) ORDER BY ?x""",
    "nothing counted inside": """SELECT ?x { { SELECT ?x (COUNT(?p) AS ?n) { ?x a oxus:Training
        OPTIONAL { ?x oxus:takesPlaceIn ?p } } GROUP BY ?x } FILTER(?n = 0) } ORDER BY ?x""",
    "rows further down": "SELECT ?p { ?p oxus:isPassageOf ?d } ORDER BY ?p LIMIT 5 OFFSET 10",
    "whether there is": """SELECT ?x (EXISTS { ?x oxus:takesPlaceIn/rdfs:label ?l } AS ?e) { ?x a oxus:Training }
        ORDER BY ?x""",
    "an escaped name": r"SELECT ?l { base:id\/tajikistan rdfs:label ?l } ORDER BY ?l",
    "names like the tracer's": """SELECT ?x ?mark__1 { ?x a oxus:Training OPTIONAL { ?x oxus:takesPlaceIn ?mark__1 } }
        ORDER BY ?x ?mark__1""",
    "a blank node beside its name": """SELECT ?x { ?x a oxus:Training ; oxus:takesPlaceIn _:a-1 .
        _:a-1 rdfs:label ?blank__a } ORDER BY ?x""",
    "groups of a value": """SELECT (COUNT(?x) AS ?n) { ?x a oxus:Training ; rdfs:label ?l } GROUP BY (LANG(?l))""",
    "either exists": """SELECT ?x { ?x a oxus:Activity FILTER(EXISTS { ?x oxus:takesPlaceIn ?p }
        || EXISTS { ?x oxus:hasDate ?d }) } ORDER BY ?x LIMIT 100""",
    "not that it does not exist": """SELECT ?x { ?x a oxus:Activity FILTER(!(NOT EXISTS { ?x oxus:takesPlaceIn ?p })) }
        ORDER BY ?x""",
    "exists, and it is the same": """SELECT ?x ?y { ?x oxus:coversTopic ?y FILTER EXISTS { ?x oxus:coversTopic ?z } }
        ORDER BY ?x ?y""",
    "a sub-select, and it is the same": """SELECT ?x ?y { ?x oxus:coversTopic ?y
        { SELECT ?x { ?x oxus:coversTopic ?z } } } ORDER BY ?x ?y""",
    "rows alike by a sub-select": """SELECT ?y { ?x oxus:coversTopic ?y { SELECT ?x { ?x oxus:coversTopic ?z } } }
        ORDER BY ?y LIMIT 100""",
    "a name in one language or another": """SELECT ?x (COALESCE(?tg, ?ru) AS ?name) { ?x a oxus:State
        OPTIONAL { ?x rdfs:label ?tg FILTER(LANG(?tg) = "tg") }
        OPTIONAL { ?x rdfs:label ?ru FILTER(LANG(?ru) = "ru") } }
        ORDER BY ?x""",
    "either bound": """SELECT ?x { ?x a oxus:Training OPTIONAL { ?x oxus:takesPlaceIn ?p }
        OPTIONAL { ?x oxus:hasDate ?d } FILTER(BOUND(?p) || BOUND(?d)) } ORDER BY ?x""",
    "one thing twice": """SELECT DISTINCT ?d { ?p oxus:isPassageOf ?d . ?q oxus:isPassageOf ?d ; oxus:begin ?n
        FILTER(?n > 4000) } ORDER BY ?d""",
}

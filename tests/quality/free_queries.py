"""Twenty-four free queries over our own data, each with a kind of pattern that the canned ones may not have."""

PREFIXES = """
PREFIX id: <https://w3id.org/oxus/id/>
PREFIX oxus: <https://w3id.org/oxus/ontology#>
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
}

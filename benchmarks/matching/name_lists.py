"""Lists of names, most frequent first, and the pieces that rare names are made of."""

from __future__ import annotations

SURNAMES = {
    "general": """Smith Johnson Williams Brown Jones Davis Miller Wilson Anderson Thomas Taylor Moore Jackson Martin
        Thompson White Harris Clark Lewis Robinson Walker Young Allen King Wright Scott Hill Green Adams Baker Nelson
        Hall Campbell Mitchell Carter Roberts Phillips Evans Turner Parker Collins Edwards Stewart Morris Murphy Cook
        Rogers Morgan Peterson Cooper Reed Bailey Bell Kelly Howard Ward Cox Richardson Wood Watson Brooks Bennett Gray
        James Hughes Price Myers Long Foster Sanders Ross Powell Sullivan Russell Fisher Henderson Cole Jenkins Perry
        Patterson Barnes Hamilton Graham Wallace Woods West Jordan Owens Reynolds Marshall Ellis Harrison Gibson
        McDonald Cruz Ford Wells Simpson Stevens Tucker Porter Hunter Hicks Crawford Boyd Mason Kennedy Warren Dixon
        Burns Gordon Shaw Holmes Rice Robertson Hunt Black Daniels Palmer Mills Nichols Grant Knight Ferguson Stone
        Hawkins Dunn Perkins Hudson Spencer Gardner Stephens Payne Pierce Berry Matthews Arnold Wagner Willis Ray
        Watkins Olson Carroll Duncan Snyder Hart Cunningham Bradley Lane Andrews Ruiz Harper Fox Riley Armstrong
        Carpenter Weaver Greene Lawrence Elliott Chavez Sims Austin Peters Kelley Franklin Lawson Fields Ryan Schmidt
        Carr Wheeler Chapman Oliver Montgomery Richards Williamson Johnston Banks Meyer Bishop McCoy Howell Morrison
        Hansen Garza Harvey Little Burton Stanley George Jacobs Reid Kim Fuller Lynch Dean Gilbert Garrett Romero Welch
        Larson Frazier Burke Hanson Day Moreno Bowman Fowler Brewer Hoffman Carlson Silva Pearson Holland Douglas
        Fleming Jensen Vargas Byrd Davidson Hopkins Terry Wade Soto Walters Curtis Neal Caldwell Lowe Jennings Barnett
        Graves Jimenez Horton Shelton Barrett O'Brien Castro Sutton Gregory McKinney Lucas Miles Craig Chambers Holt
        Lambert Fletcher Watts Bates Hale Rhodes Pena Beck Newman Haynes McDaniel Mendez Bush Vaughn Parks Dawson
        Santiago Norris Hardy Love Steele Curry Powers Schultz Barker Guzman Page Munoz Ball Keller Chandler Weber
        Leonard Walsh Lyons Ramsey Wolfe Schneider Mullins Benson Sharp Bowen Daniel Barber Cummings Hines Baldwin
        Griffith Valdez Hubbard Salazar Reeves Warner Stevenson Burgess Tate Cross Garner Mann Mack Moss Thornton
        Dennis McGee Farmer Delgado Aguilar Vega Glover Manning Cohen Harmon Rodgers Robbins Newton Todd Blair Higgins
        Ingram Reese Cannon Strickland Townsend Potter Goodwin Walton Rowe Hampton Ortega Patton Swanson Joseph Francis
        Goodman Maldonado Yates Becker Erickson Hodges Rios Conner Adkins Webster Norman Malone Hammond Flowers Cobb
        Moody Quinn Blake Maxwell Pope Floyd Osborne Paul McCarthy Guerrero Lindsey Estrada Sandoval Gibbs Tyler Gross
        Fitzgerald Stokes Doyle Sherman Saunders Wise Colon Gill Alvarado Greer Padilla Simon Waters Nunez Ballard
        Schwartz McBride Houston Christensen Klein Pratt Briggs Parsons McLaughlin Zimmerman French Buchanan Moran
        Copeland Roy Pittman Brady McCormick Holloway Brock Poole Frank Logan Owen Bass Marsh Drake Wong Jefferson Park
        Morton Abbott Sparks Patrick Norton Huff Clayton Massey Lloyd Figueroa Carson Bowers Roberson Barton Tran Lamb
        Harrington Casey Boone Cortez Clarke Mathis Singleton Wilkins Cain Bryan Underwood Hogan McKenzie Collier Luna
        Phelps McGuire Allison Bridges Wilkerson Nash Summers Atkins""",
    "hispanic": """Garcia Rodriguez Martinez Hernandez Lopez Gonzalez Perez Sanchez Ramirez Torres Flores Rivera Gomez
        Diaz Reyes Cruz Morales Ortiz Gutierrez Chavez Ramos Gonzales Ruiz Alvarez Mendoza Vasquez Castillo Jimenez
        Moreno Romero Herrera Medina Aguilar Garza Castro Vargas Fernandez Guzman Munoz Mendez Salazar Soto Delgado
        Pena Rios Alvarado Sandoval Contreras Valdez Guerrero Ortega Estrada Nunez Maldonado Vega Vazquez Santiago
        Dominguez Espinoza Silva Padilla Marquez Cortez Rojas Acosta Figueroa Luna Juarez Navarro Campos Molina Avila
        Ayala Mejia Carrillo Duran Santos Salinas Robles Solis Lara Cervantes Aguirre Deleon Ochoa Miranda Cardenas
        Trujillo Velasquez Fuentes Cabrera Leon Rivas Montoya Calderon Colon Serrano Gallegos Rosales Castaneda
        Villarreal Guerra Trevino Pacheco Ibarra Valencia Macias Camacho Salas Orozco Roman Zamora Suarez Franco
        Barrera Santana Mora Arellano""",
    "asian": """Nguyen Kim Patel Lee Tran Chen Wong Le Yang Wang Chang Chan Pham Li Park Singh Liu Huang Lin Wu Hoang
        Shah Cho Choi Ho Huynh Chung Phan Lam Kang Vang Khan Yu Cheng Xiong Zhang Truong Vu Dang Ngo Do Kaur Shin Han
        Chu Yoo Sharma Gupta Kumar Vo Bui Duong Dinh Ly Hong Song Oh Hsu Desai Mehta Reddy Rao Joshi Tang Luu Zhao""",
}

FIRST_NAMES = {
    ("general", "F"): (
        """Mary Barbara Patricia Betty Shirley Carol Dorothy Nancy Judith Helen Margaret Joan Ruth Virginia Martha Jean
        Frances Alice Joyce Doris Evelyn Elizabeth Gloria Marie Janet Beverly Phyllis Lois Rose Peggy Marilyn Norma
        Donna Eleanor Anna Louise Sandra Kathleen Catherine Ann Theresa Sally Rosemary Jacqueline Florence Josephine""",
        """Linda Mary Patricia Susan Deborah Barbara Debra Karen Nancy Donna Cynthia Sandra Pamela Sharon Kathleen Carol
        Diane Brenda Cheryl Janet Elizabeth Kathy Margaret Janice Carolyn Denise Judy Rebecca Joyce Teresa Christine
        Catherine Shirley Judith Betty Beverly Lisa Dorothy Annette Connie Gloria Cindy Lori Kimberly Laura Robin Julie
        Tammy Michelle Angela Maria Theresa Wanda Rhonda Bonnie Victoria Paula Katherine Suzanne Yolanda""",
        """Jennifer Amy Melissa Michelle Kimberly Lisa Angela Heather Stephanie Nicole Jessica Elizabeth Rebecca Kelly
        Mary Christina Amanda Julie Sarah Laura Shannon Christine Tammy Tracy Karen Dawn Susan Andrea Tina Patricia
        Cynthia Lori Rachel April Maria Wendy Crystal Stacy Erin Jamie Carrie Tiffany Tara Sandra Monica Danielle Stacey
        Pamela Tonya Sara Michele Teresa Denise Jill Katherine Melanie Dana Holly Erica Brandy Deborah Tanya Latoya
        Kristen Megan Kathryn Lakeisha Emily""",
        """Jessica Ashley Emily Sarah Samantha Amanda Brittany Elizabeth Taylor Megan Hannah Kayla Lauren Stephanie
        Rachel Jennifer Nicole Alexis Victoria Amber Alyssa Courtney Danielle Rebecca Jasmine Brianna Katherine
        Alexandra Madison Morgan Melissa Michelle Kelsey Chelsea Anna Kimberly Tiffany Olivia Mary Christina Allison
        Abigail Sara Shelby Heather Haley Maria Kaitlyn Laura Erin Andrea Natalie Jordan Brooke Julia Emma Vanessa Erica
        Sydney Kelly Kristen Katelyn Marissa Amy Crystal Paige Cassandra Gabrielle Katie Caitlin Lindsey Destiny Imani
        Shanice Aaliyah Ebony Makayla Savannah Grace Ariel""",
    ),
    ("general", "M"): (
        """Robert James John William Richard Charles George Donald Joseph Thomas David Edward Ronald Paul Kenneth Frank
        Raymond Jack Harold Billy Gerald Walter Jerry Joe Eugene Henry Carl Arthur Ralph Larry Albert Willie Fred
        Lawrence Michael Daniel Earl Roy Harry Howard Norman Clarence Leonard Ernest Louis Stanley Francis""",
        """James Michael Robert John David William Richard Thomas Mark Charles Steven Gary Joseph Donald Ronald Kenneth
        Paul Larry Daniel Stephen Dennis Timothy Edward Jeffrey George Gregory Kevin Douglas Terry Anthony Jerry Bruce
        Randy Brian Frank Scott Roger Raymond Peter Patrick Keith Lawrence Wayne Danny Alan Gerald Ricky Carl
        Christopher Dale Walter Craig Willie Johnny Arthur Steve Joe Randall Russell Jack Henry Harold Roy""",
        """Michael Christopher Jason David James John Robert Brian Matthew Joseph William Daniel Kevin Eric Jeffrey
        Richard Scott Mark Steven Timothy Thomas Anthony Charles Joshua Ryan Jeremy Paul Andrew Gregory Chad Kenneth
        Jonathan Stephen Shawn Aaron Adam Patrick Justin Sean Edward Todd Donald Ronald Benjamin Keith Bryan Gary Jose
        Nathan Douglas Nicholas Brandon George Travis Peter Craig Bradley Larry Dennis Shane Raymond Troy Jerry Samuel
        Frank Jesse Jamal Tyrone Derrick Terrance""",
        """Michael Matthew Christopher Joshua Jacob Andrew Daniel Nicholas Tyler Joseph David Brandon James John Ryan
        Zachary Justin Anthony William Robert Jonathan Kyle Austin Alexander Kevin Cody Thomas Jordan Eric Benjamin
        Aaron Christian Samuel Steven Dylan Timothy Jose Brian Richard Nathan Adam Charles Patrick Sean Logan Ethan
        Noah Cameron Mark Jason Jeremy Jesse Stephen Connor Trevor Devin Evan Ian Hunter Caleb Luke Isaiah Elijah
        Malik Xavier Darius Gabriel Garrett Jared Marcus Mason Travis Dakota Chase Cole""",
    ),
    ("hispanic", "F"): (
        """Maria Carmen Rosa Juanita Guadalupe Ana Gloria Margarita Teresa Josefina Esperanza Elena Alicia Dolores
        Lucia Consuelo Esther Francisca Irma Olga""",
    ),
    ("hispanic", "M"): (
        """Jose Juan Luis Carlos Manuel Jesus Antonio Francisco Miguel Pedro Raul Ramon Rafael Jorge Roberto Ruben
        Ricardo Alfredo Fernando Javier Hector Victor Angel Arturo Sergio Eduardo Mario Alejandro""",
    ),
    ("asian", "F"): (
        """Thi Linh Mei Jennifer Hoa Anh Priya Grace Kim Lan Michelle Xin Yan Huong Lily Jin Thuy Jessica Anjali Wei Mai
        Susan Amy Sunita Ying Hanh Soo Christine Neha Tuyet""",
    ),
    ("asian", "M"): (
        """Minh David Wei Hung John Van Tuan Anh Kevin Jin James Raj Andrew Daniel Duc Long Michael Sung Amit Sanjay
        Peter Quang Thanh Ming Jun Steven Hai Vijay Eric Young""",
    ),
}

# a name a contact may be known by instead of the one on the file, and the other way round
NICKNAMES: dict[str, tuple[str, ...]] = {
    name: tuple(short.split())
    for name, short in (
        pair.split(":")
        for pair in """Robert:Bob Rob Bobby;William:Bill Will Billy;James:Jim Jimmy Jamie;John:Jack Johnny;Richard:Rick
        Dick Rich;Michael:Mike Mick;Charles:Charlie Chuck;Joseph:Joe Joey;Thomas:Tom Tommy;David:Dave Davey;
        Edward:Ed Eddie Ted;Ronald:Ron Ronnie;Kenneth:Ken Kenny;Raymond:Ray;Gerald:Jerry;Lawrence:Larry;
        Daniel:Dan Danny;Harold:Hal Harry;Leonard:Len Lenny;Steven:Steve;Stephen:Steve;Timothy:Tim;Jeffrey:Jeff;
        Gregory:Greg;Douglas:Doug;Anthony:Tony;Patrick:Pat;Christopher:Chris;Matthew:Matt;Benjamin:Ben;Joshua:Josh;
        Andrew:Andy Drew;Nicholas:Nick;Jonathan:Jon;Samuel:Sam;Alexander:Alex;Zachary:Zach;Nathan:Nate;Donald:Don;
        Frederick:Fred;Walter:Walt;Eugene:Gene;Francis:Frank;Bradley:Brad;Jacob:Jake;Randall:Randy;Russell:Russ;
        Margaret:Peggy Maggie Meg;Elizabeth:Liz Beth Betty;Patricia:Pat Patty Trish;Barbara:Barb;Deborah:Deb Debbie;
        Debra:Deb Debbie;Susan:Sue Suzy;Katherine:Kathy Kate Katie;Kathleen:Kathy Kate;Catherine:Cathy Kate;
        Jennifer:Jen Jenny;Jessica:Jess Jessie;Rebecca:Becky;Christine:Chris Tina;Christina:Chris Tina;
        Cynthia:Cindy;Pamela:Pam;Sandra:Sandy;Dorothy:Dot Dottie;Judith:Judy;Virginia:Ginny;Victoria:Vicky Tori;
        Stephanie:Steph;Samantha:Sam;Amanda:Mandy;Kimberly:Kim;Melissa:Missy Mel;Michelle:Shelly;Theresa:Terry Tess;
        Teresa:Terry;Jacqueline:Jackie;Josephine:Jo;Eleanor:Ellie;Frances:Fran;Beverly:Bev;Janet:Jan;Valerie:Val;
        Alexandra:Alex Lexi;Abigail:Abby;Gabrielle:Gabby;Angela:Angie;Suzanne:Sue;Carolyn:Carol;Nancy:Nan;
        Jose:Pepe;Francisco:Paco Frank;Guadalupe:Lupe;Jesus:Chuy;Antonio:Tony;Roberto:Beto Robert;Rafael:Rafa;
        Eduardo:Eddie;Manuel:Manny;Alejandro:Alex;Miguel:Mike;Juan:Johnny;Jorge:George;Dolores:Lola;Rosa:Rosie""".replace(
            "\n", " "
        ).split(";")
    )
    for name, short in [(name.strip(), short)]
}

ACCENTED = """García Rodríguez Martínez Hernández López González Pérez Sánchez Ramírez Gómez Díaz Muñoz Núñez Gutiérrez
    Álvarez Vásquez Jiménez Fernández Guzmán Méndez Peña Ríos José Jesús Ramón Raúl María Andrés Sofía Inés Mónica
    Álvaro Estévez Dávila Chávez León Ángel Víctor Héctor Rubén"""

LAST_STARTS = {
    "general": """Abr Ack Ald Alb Alt Amb And Arm Ash Atk Bab Bach Bal Barn Bart Bas Bau Beck Ben Berg Bern Bick Bir
        Black Blan Bod Bol Bor Bran Brau Brem Brig Broc Buck Bur But Cad Cal Cam Carl Cas Chap Chest Clay Clem Col Con
        Corb Cran Crom Cul Dal Dam Del Den Dick Dob Dol Don Dor Drum Dun Dur Eck Edg Ell Emm Eng Erd Esch Fal Far Fenn
        Fish Flan Flem Frank Fried Ful Gal Gar Geb Ger Gil God Gold Gor Grab Gren Grif Gross Gun Hab Had Hal Ham Hand
        Har Hart Hat Heck Hein Hen Her Hick Hil Hof Hol Horn Huck Hum Ing Jack Jan Jen Kal Kam Kap Kauf Kel Kemp Kess
        Kir Klein Knap Kol Kop Kos Kow Kram Kraus Kuhn Lam Lan Lath Laut Leb Led Lem Len Lev Lind Loch Lom Lud Lund Lut
        Mac Mad Mal Man Mar Mat May McAl McCl McDer McEl McGr McIn McKel McMan McN Meck Mel Mer Mich Mil Mon Moy Mul
        Nad Nag Nel New Nick Nor Nov O'Con O'Don O'Mal O'Sh Oak Old Ols Ort Ost Pal Pank Par Pas Paul Pel Pen Pet Pfei
        Pick Pink Pol Pot Pres Pros Rad Ram Ran Rath Rav Reich Rem Ren Rich Rid Rit Rob Rock Rol Rom Ros Roth Rup Rut
        Sal Sand Sat Saw Sch Schil Schlos Schnei Schul Schwar Sed Sel Sev Shef Sher Sim Skin Slat Sol Spal Spen Stan
        Stein Ster Stol Stras Strick Sul Sut Swan Syl Tab Tal Tan Tat Teich Ten Thom Thorn Til Tol Tor Trot Tuck Tur
        Ul Under Van Ven Ver Vick Vog Vol Wag Wal War Wash Wat Web Wein Wel Wen West Whit Wick Wil Win Wol Wood Worth
        Wych Yan Yar Yoc Zal Zeig Zel Zim Zuck""",
    "hispanic": """Abal Acev Agu Alb Alc Alm Ang Ar Arr Bal Ban Barr Bel Ben Ber Bet Bon Bra Bur Cab Cal Cam Can Car Cas
        Cer Cis Cor Cov Del Dur Ech Esc Esp Est Fal Fig Fon Gal Gam Gar Gir Gon Gran Guar Heb Hin Hur Jar Jaur Lar Led
        Liz Loz Luj Mad Mal Man Mar Mat Men Mir Mol Mon Mor Mur Nar Nav Nieb Ob Oj Ol Ord Or Pab Pal Par Pas Pel Por
        Qui Ran Ren Rob Ros Sal Sam San Seg Sep Sol Tab Tam Tel Tor Ur Val Var Vel Vil Yan Zab Zap Zar Zub""",
    "asian": """Ab Ban Bha Cha Che Chin Dao Dev Fan Fu Gan Gha Gu Hara Hua Iye Jang Ka Kata Kawa Kha Ku Lao Liang Lo Ma
        Mat Mori Mu Nai Naka Oka Pan Qian Qui Ra Saka Sato Sha Shen Su Ta Tai Taka Tama Tho Tsai Ua Wat Xu Yama Yan
        Yosh Zha Zhou""",
}
LAST_ENDS = {
    "general": """son sen man mann er ers ley ly ton den don field ford ham land well wick worth berg burg stein ski
        sky ska wicz vich off ov ian ini elli etti ano ino one ell ett ott er hart hardt inger meyer bach baum feld
        hauser haus rich by dale gard gren lund quist strom ster der ling ge erson ings ock ow y ey ie es is us er""",
    "hispanic": "ez ero era illo illa ado ada ando ano ana ares al aga arra erra ales ino ina on or iz ola oya ito",
    "asian": "moto da ra shi mura no ta kawa ng n i u o wal nathan pal jee deep raj han shan ing ong ang ai ao",
}
MIDDLES = """a e i o u an en in on ar er or al el il am em ach ick ell ett ann ind ost ub umm"""

FIRST_STARTS = """Ad Al Am An Ar As Aub Bel Ber Bri Cal Cam Car Cas Cel Ch Chan Clar Col Cor Cy Dal Dan Dar Del Den Des
    Dom El Em Er Est Ev Fel Flor Gen Ger Gil Gin Har Hav Hel Il Is Ja Jac Jam Jan Jay Jer Jes Jo Jul Ka Kam Kar Keis Ken
    Kir Kor La Lam Lan Lar Lat Lau Leo Lin Lo Lor Lu Mad Mal Mar Mat Mel Mer Mil Mon My Na Nad Nel Nor Ol Or Pat Per Qu
    Ra Ran Ray Reg Ren Rod Rol Ros Ry Sab Sal Sha Shan Shel Sky Sol Ta Tam Tan Ter Tif Tor Tr Ty Val Ver Vi Wil Xan Yas
    Yo Zan Zel"""
FIRST_ENDS = {
    "F": "a ia ina ine ette elle ie y isha ica ora ella issa yn ynn een ene ita anna iah aya etta ora eda",
    "M": "on en an in us io o ard ert win son ton der el iel ius ell ence ory ick avon arius aun ane ett mond",
}

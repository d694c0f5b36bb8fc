"""Names of people who do not exist, in three scripts. Put together by chance, so that nobody is meant."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

RUSSIAN_FAMILIES = [
    "Абрамов",
    "Алёшин",
    "Афонин",
    "Баженов",
    "Барсуков",
    "Бережной",
    "Болотов",
    "Бычков",
    "Вавилов",
    "Веденеев",
    "Верещагин",
    "Вихров",
    "Галкин",
    "Гладков",
    "Голубев",
    "Гречко",
    "Гусаров",
    "Данилин",
    "Дёмин",
    "Дроздов",
    "Дубов",
    "Ермилов",
    "Еремеев",
    "Жаров",
    "Жилин",
    "Забелин",
    "Зверев",
    "Зимин",
    "Золотарёв",
    "Ивлев",
    "Игнатьев",
    "Казаков",
    "Калугин",
    "Карасёв",
    "Кириллов",
    "Клюев",
    "Ковалёв",
    "Колосов",
    "Копылов",
    "Корнилов",
    "Костин",
    "Кравцов",
    "Круглов",
    "Кузин",
    "Кулагин",
    "Ладыгин",
    "Ларин",
    "Лебедев",
    "Левашов",
    "Лобанов",
    "Логинов",
    "Лукин",
    "Майоров",
    "Макеев",
    "Малинин",
    "Маслов",
    "Мельников",
    "Миронов",
    "Морозов",
    "Наумов",
    "Невзоров",
    "Нестеров",
    "Никитин",
    "Носков",
    "Овчинников",
    "Орлов",
    "Осипов",
    "Панов",
    "Пахомов",
    "Пестов",
    "Платонов",
    "Поляков",
    "Прохоров",
    "Ракитин",
    "Родионов",
    "Рощин",
    "Рябов",
    "Савельев",
    "Садовников",
    "Самойлов",
    "Седов",
    "Селезнёв",
    "Симонов",
    "Соболев",
    "Степанов",
    "Суворин",
    "Тарасов",
    "Терентьев",
    "Тихонов",
    "Трофимов",
    "Туманов",
    "Уваров",
    "Устинов",
    "Фадеев",
    "Филатов",
    "Фокин",
    "Харитонов",
    "Хомяков",
    "Цветков",
    "Чайкин",
    "Черкасов",
    "Чижов",
    "Шаповалов",
    "Шестаков",
    "Шилов",
    "Щеглов",
    "Юдин",
    "Яковлев",
]
RUSSIAN_BOYS = [
    "Александр",
    "Алексей",
    "Андрей",
    "Антон",
    "Артём",
    "Арсений",
    "Богдан",
    "Вадим",
    "Василий",
    "Виктор",
    "Владимир",
    "Георгий",
    "Глеб",
    "Григорий",
    "Даниил",
    "Денис",
    "Дмитрий",
    "Егор",
    "Иван",
    "Игорь",
    "Илья",
    "Кирилл",
    "Константин",
    "Лев",
    "Макар",
    "Максим",
    "Марк",
    "Матвей",
    "Михаил",
    "Никита",
    "Николай",
    "Олег",
    "Павел",
    "Пётр",
    "Роман",
    "Савелий",
    "Семён",
    "Сергей",
    "Степан",
    "Тимофей",
    "Тимур",
    "Фёдор",
    "Юрий",
    "Ярослав",
]
RUSSIAN_GIRLS = [
    "Александра",
    "Алина",
    "Алиса",
    "Анастасия",
    "Анна",
    "Арина",
    "Валерия",
    "Варвара",
    "Василиса",
    "Вера",
    "Вероника",
    "Виктория",
    "Дарья",
    "Диана",
    "Ева",
    "Екатерина",
    "Елена",
    "Елизавета",
    "Есения",
    "Злата",
    "Инна",
    "Ирина",
    "Карина",
    "Кира",
    "Ксения",
    "Лидия",
    "Любовь",
    "Маргарита",
    "Марина",
    "Мария",
    "Мила",
    "Милана",
    "Надежда",
    "Наталья",
    "Нина",
    "Оксана",
    "Олеся",
    "Ольга",
    "Полина",
    "Светлана",
    "София",
    "Таисия",
    "Татьяна",
    "Ульяна",
    "Юлия",
    "Яна",
]
RUSSIAN_FATHERS = {
    "Александр": "Александров", "Алексей": "Алексеев", "Андрей": "Андреев", "Антон": "Антонов", "Виктор": "Викторов",
    "Владимир": "Владимиров", "Денис": "Денисов", "Дмитрий": "Дмитриев", "Иван": "Иванов", "Игорь": "Игорев",
    "Константин": "Константинов", "Максим": "Максимов", "Михаил": "Михайлов", "Николай": "Николаев", "Олег": "Олегов",
    "Павел": "Павлов", "Пётр": "Петров", "Роман": "Романов", "Сергей": "Сергеев", "Юрий": "Юрьев",
}  # fmt: skip

JAPANESE_FAMILIES = (
    ("青木", "あおき"), ("秋山", "あきやま"), ("安藤", "あんどう"), ("石井", "いしい"), ("市川", "いちかわ"), ("上田", "うえだ"),
    ("遠藤", "えんどう"), ("大野", "おおの"), ("岡本", "おかもと"), ("小川", "おがわ"), ("金子", "かねこ"), ("川上", "かわかみ"),
    ("菊地", "きくち"), ("木村", "きむら"), ("小島", "こじま"), ("近藤", "こんどう"), ("坂本", "さかもと"), ("佐野", "さの"),
    ("島田", "しまだ"), ("杉山", "すぎやま"), ("高田", "たかだ"), ("竹内", "たけうち"), ("千葉", "ちば"), ("中川", "なかがわ"),
    ("永井", "ながい"), ("西村", "にしむら"), ("野口", "のぐち"), ("橋本", "はしもと"), ("原田", "はらだ"), ("平野", "ひらの"),
    ("藤本", "ふじもと"), ("松田", "まつだ"), ("水野", "みずの"), ("宮本", "みやもと"), ("森田", "もりた"), ("山下", "やました"),
    ("横山", "よこやま"), ("吉川", "よしかわ"), ("和田", "わだ"), ("渡部", "わたべ"),
)  # fmt: skip
JAPANESE_BOYS = (
    ("蒼", "あおい"), ("樹", "いつき"), ("海斗", "かいと"), ("健太", "けんた"), ("翔太", "しょうた"), ("大輝", "だいき"),
    ("拓海", "たくみ"), ("直樹", "なおき"), ("悠人", "はると"), ("陽向", "ひなた"), ("誠", "まこと"), ("優斗", "ゆうと"),
    ("陸", "りく"), ("蓮", "れん"),
)  # fmt: skip
JAPANESE_GIRLS = (
    ("葵", "あおい"), ("彩花", "あやか"), ("美咲", "みさき"), ("楓", "かえで"), ("琴音", "ことね"), ("さくら", "さくら"),
    ("千尋", "ちひろ"), ("七海", "ななみ"), ("花", "はな"), ("日菜", "ひな"), ("舞", "まい"), ("結衣", "ゆい"),
    ("凛", "りん"), ("若菜", "わかな"),
)  # fmt: skip

LATIN_FAMILIES = (
    "Albrecht", "Almeida", "Bergström", "Castellano", "Clarke", "Dubois", "Eriksen", "Fischer", "Gallagher", "Hartmann",
    "Jansen", "Kovač", "Lindqvist", "Moreau", "Nowak", "O'Shea", "Pereira", "Ricci", "Sørensen", "Thornton", "Varga", "Whitfield",
)  # fmt: skip
LATIN_BOYS = ("Adam", "Bruno", "Daniel", "Elias", "Felix", "Hugo", "Jan", "Leo", "Marco", "Noel", "Oskar", "Tomás")
LATIN_GIRLS = ("Alma", "Clara", "Emilia", "Freya", "Irma", "Júlia", "Lucy", "Maja", "Nora", "Olivia", "Sofia", "Zoé")
# One family in so many came from elsewhere.
LATIN_IN = 40


@dataclass(frozen=True, slots=True)
class Name:
    family: str
    given: str
    middle: str = ""
    family_reading: str = ""
    given_reading: str = ""
    female: bool = False


def russian(random: Random, *, female: bool | None = None, family: str | None = None, father: str | None = None) -> Name:
    """A Russian name. `family` is the masculine form; `father` the given name from which the patronymic is made."""
    female = random.random() < 0.5 if female is None else female
    stem = family or random.choice(RUSSIAN_FAMILIES)
    patronymic = RUSSIAN_FATHERS[father or random.choice(list(RUSSIAN_FATHERS))]
    given = random.choice(RUSSIAN_GIRLS if female else RUSSIAN_BOYS)
    return Name(feminine(stem) if female else stem, given, patronymic + ("на" if female else "ич"), female=female)


def feminine(family: str) -> str:
    """The feminine form of a Russian family name."""
    if family.endswith("ой"):
        return family[:-2] + "ая"
    return family + "а" if family.endswith(("ов", "ев", "ёв", "ин")) else family


def japanese(random: Random, *, female: bool | None = None, family: tuple[str, str] | None = None) -> Name:
    """A Japanese name with its reading."""
    female = random.random() < 0.5 if female is None else female
    of_family = family or random.choice(JAPANESE_FAMILIES)
    of_person = random.choice(JAPANESE_GIRLS if female else JAPANESE_BOYS)
    return Name(of_family[0], of_person[0], "", of_family[1], of_person[1], female)


def latin(random: Random, *, female: bool | None = None, family: str | None = None) -> Name:
    """A name in Latin script."""
    female = random.random() < 0.5 if female is None else female
    return Name(family or random.choice(LATIN_FAMILIES), random.choice(LATIN_GIRLS if female else LATIN_BOYS), female=female)


def mixed(random: Random, *, female: bool | None = None) -> Name:
    """A name as in the full school: mostly Russian, with some families from elsewhere."""
    make = latin if random.randrange(LATIN_IN) == 0 else russian
    return make(random, female=female)

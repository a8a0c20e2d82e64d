import json
import time

import pytest

from lab.metrics.calls import Call, call_match, find_calls

GOLD = "torch.hub.load(repo_or_dir='pytorch/vision', model='resnet18', pretrained=True)"
NOT_PYTHON = "torch.hub.load(repo_or_dir='szq0214/MEAL-V2', 'meal_v2', model='mealv2_resnest50', pretrained=True)"
NESTED = "pipeline('question-answering', model=AutoModel.from_pretrained('deepset/roberta-base'))"


@pytest.mark.parametrize(
    "prediction",
    [
        GOLD,
        "torch.hub.load('pytorch/vision', 'resnet18')",
        'model = torch.hub.load("pytorch/vision", "resnet18", pretrained=False)',
        "torch.hub.load(model='resnet18', repo_or_dir='pytorch/vision', force_reload=True, trust_repo='check')",
        "The API is `torch.hub.load('pytorch/vision', 'resnet18')`, I'd say.",
        "torch.hub.load('pytorch/vision:v0.10.0', 'resnet18')",  # a version that the gold leaves open
        "torch.hub.load('pytorch/vision', 'resnet18', pretrained=Tr",
        "print(torch.hub.load('pytorch/vision', 'resnet18').eval())",
        "torch.hub.load(\n    'pytorch/vision',  # don't forget it\n    'resnet18',\n)",
        "Use torch.hub.load(): torch.hub.load('pytorch/vision', 'resnet18')",
        "torch.load('x/y'); torch.hub.load('pytorch/vision', 'resnet18')",
        "torch.hub.load( 'pytorch/vision' , r'resnet18' )",
        "torch.hub.load(pytorch/vision, 'resnet18')",
    ],
)
def test_what_names_the_same_is_right(prediction):
    assert call_match(prediction, [GOLD]) == 1.0


@pytest.mark.parametrize(
    "prediction",
    [
        "",
        "torch.hub.load",
        "torch.hub.load()",
        "pytorch/vision resnet18",
        "torch.hub.load('pytorch/vision', 'resnet34', pretrained=True)",
        "torch.hub.load('pytorch/vision', 'resnet18_bn')",
        "torch.hub.load('pytorch/vision', 'ResNet18')",
        "torch.hub.load('pytorch/visionary', 'resnet18')",
        "torch.hub.load('pytorch/vision') or 'resnet18'",
        "torch.hub.load('resnet18')",
        "hub.load('pytorch/vision', 'resnet18')",
        "my.torch.hub.load('pytorch/vision', 'resnet18')",
        "torch.hub.load_state('pytorch/vision', 'resnet18')",
        "torch.hub.load('pytorch/vision', resnet18)",
        "torch.hub.load('pytorch/vision', 'resnet18",  # cut inside the name: it might go on
        "torch.hub.load('pytorch/vision', {'resnet18': 1})",  # a key names no model
        "torch.hub.load('pytorch/vision', 'resnet34')  # or 'resnet18'",
    ],
)
def test_what_names_something_else_is_wrong(prediction):
    assert call_match(prediction, [GOLD]) == 0.0


def test_of_several_calls_only_the_first_counts():
    guesses = [f"torch.hub.load('pytorch/vision', 'resnet{size}')" for size in (34, 18, 50)]
    assert call_match(" or ".join(guesses), [GOLD]) == 0.0
    assert call_match(" or ".join(guesses[1:]), [GOLD]) == 1.0
    assert call_match(f"other.load('a/b'); {guesses[1]}", [GOLD]) == 1.0  # of another function


def test_any_gold_will_do_and_each_names_its_own_function():
    golds = ["hub.load('a/b')", GOLD, "no call"]
    assert call_match("torch.hub.load('pytorch/vision', 'resnet18')", golds) == 1.0
    assert call_match("hub.load('a/b')", golds) == 1.0
    assert call_match("hub.load('pytorch/vision', 'resnet18')", golds) == 0.0


def test_a_version_in_the_gold_is_part_of_the_name():
    gold = "torch.hub.load('facebookresearch/pytorch_GAN_zoo:hub', 'PGAN')"
    assert call_match("torch.hub.load('facebookresearch/pytorch_GAN_zoo', 'PGAN')", [gold]) == 0.0
    assert call_match("f('a:b')", ["f('a')"]) == 0.0  # only repositories have versions


@pytest.mark.parametrize("golds", [[], [""], ["mlagents-load-from-hf --repo-id='a/b'"], ["./run.sh (quick)"]])
def test_without_a_call_in_a_gold_there_is_no_value(golds):
    assert call_match("torch.hub.load('pytorch/vision')", golds) is None


@pytest.mark.parametrize(
    ("gold", "other"),
    [
        (NOT_PYTHON, NOT_PYTHON.replace("resnest50", "resnest50_cutmix")),
        (NESTED, NESTED.replace("deepset/", "deepset2/")),
        ("load_ensemble('facebook/unit_css10)", "load_ensemble('facebook/unit_css11')"),
        ("load_ensemble('facebook/unit_css10').", "load_ensemble('facebook/unit')"),
        ("pipeline('text-to-image', model=Lykon/DreamShaper)", "pipeline('text-to-image', model='Lykon/Dream')"),
        ("'Hub.get('facebook/fastspeech2')'", "Hub.get('facebook/fastspeech3')"),
        ("zoo.load('a/n', **{'top': 6, 'device':'cpu'})", "zoo.load('a/n', top=6, device='cuda')"),
        ("A.load('x/y'), B.load('x/y')", "B.load('x/y')"),
        ("separator_8k()", "separator_16k()"),
        ("Pipe.load(model_id, kind=torch.float16)", "Pipe.load('a/b', kind=torch.float16)"),
    ],
)
def test_golds_as_they_come_match_themselves_and_nothing_else(gold, other):
    assert call_match(gold, [gold]) == 1.0
    assert call_match(f"model = {gold}", [gold]) == 1.0
    assert call_match(other, [gold]) == 0.0


def test_forgotten_quotes_and_keywords_do_not_matter():
    assert call_match("load_ensemble('facebook/unit_css10')", ["load_ensemble('facebook/unit_css10)"]) == 1.0
    assert call_match("zoo.load('a/n', top=6, device='cpu')", ["zoo.load('a/n', **{'top': 6, 'device':'cpu'})"]) == 1.0
    assert call_match(json.dumps({"call": "Hub.get('a/b')"}), ["'Hub.get('a/b')'"]) == 1.0


def test_find_calls_lists_outer_and_inner_calls_with_their_literals():
    assert [call[:2] for call in find_calls(NESTED)] == [
        ("pipeline", frozenset({"question-answering", "deepset/roberta-base"})),
        ("AutoModel.from_pretrained", frozenset({"deepset/roberta-base"})),
    ]
    found = list(find_calls("f(') ( \\' ]', \"\", [1, {'k' : 'v'}], key='x').g('y')"))
    assert found == [Call("f", frozenset({") ( \\' ]", "v", "x"}), guesses=2)]


@pytest.mark.parametrize(
    "text", ["f" * 50_000, "f." * 25_000, "'" * 50_000, "f('" + "\\" * 50_000, "a/" * 25_000 + "f("]
)
def test_long_rubbish_takes_no_time(text):
    start = time.perf_counter()
    assert call_match(text, [GOLD]) == call_match(f"g({text}", [GOLD]) == 0.0
    assert time.perf_counter() - start < 2.0


@pytest.mark.parametrize(
    ("said", "score"),
    [
        ("torch.hub.load('pytorch/vision', ['resnet34', 'resnet18', 'vgg11'])", 0.0),
        ("torch.hub.load('pytorch/vision', model='vgg11', model='vgg13', model='resnet18')", 0.0),
        ("torch.hub.load('pytorch/vision', 'resnet18', weights='DEFAULT', source='github')", 1.0),
        ("torch.hub.load(repo_or_dir='pytorch/vision', model='resnet18', weights='DEFAULT')", 1.0),
        ("torch.hub.load('pytorch/vision', 'resnet18', 'vgg11')", 0.0),
    ],
)
def test_guesses_inside_one_call_name_nothing(said, score):
    assert (
        call_match(said, ["torch.hub.load(repo_or_dir='pytorch/vision', model='resnet18', pretrained=True)"]) == score
    )
    assert call_match(said, ["torch.hub.load('pytorch/vision', 'resnet18')"]) == score

import pytest

from lab.metrics.abstention import is_abstention


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  \n",
        "...",
        "NOT_FOUND",
        "NOT_FOUND.",
        "NOT_FOUND: the documents cover other depots.",
        '"Not found"',
        "not found",
        "Not in the documents.",
        "Not mentioned in the provided context.",
        "The answer is not found in the documents.",
        "It is not in the documents",
        "I don't know",
        "I don\u2019t know.",
        "I do not know the answer.",
        "I'm not sure.",
        "Cannot be determined",
        "This cannot be determined from the given passages.",
        "It can't be determined.",
        "no information",
        "There is no information about parking fees in the documents.",
        "No information available.",
        "No answer",
        "Sorry, I cannot answer this question.",
        "Unfortunately, the documents do not mention a refund.",
        "Based on the provided documents, the answer is not given.",
        "The context does not provide a speed limit.",
        "I don't know. The documents do not mention it.",
        "Answer: NOT_FOUND",
        "Unknown",
        "Not provided in the documents",
        "No information about parking fees",
        "I cannot find the answer in the context.",
        "Could not be determined",
        "N/A",
    ],
)
def test_declining_is_recognised(text):
    assert is_abstention(text)


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "No.",
        "No, it is not.",
        "none",
        "A",
        "12",
        "The lost bag was not found at gate 4",
        "Items not found within 30 days are written off",
        "a page that is not found returns status 404",
        "NOT_FOUND is the status code of a missing page",
        "drivers who don't know the route call control",
        "The cause cannot be determined without the recorder, so the recorder is kept",
        "There is no information desk at the north gate, only a kiosk",
        "passengers not in the documents register pay a fee",
        "I don't know. Perhaps 12 minutes.",
        "an unknown person",
        "not before 6 am",
        "It was not found",
        "Not included",
        "It is not available",
        "No information on the passenger is stored for more than 30 days",
        "No data may leave the depot",
        "There is no information desk",
        "The passage does not mention water but fire",
    ],
)
def test_a_factual_answer_with_such_words_is_an_answer(text):
    assert not is_abstention(text)

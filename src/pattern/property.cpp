// SPDX-License-Identifier: Apache-2.0
#include "pattern/property.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace skillet::pattern {
namespace {

// Names of general categories by what RE2 calls them.
struct CategoryRow {
    std::string_view re2;
    std::array<std::string_view, 3> names;
};

constexpr auto category_rows = std::to_array<CategoryRow>({
    {"L", {"L", "Letter", ""}},
    {"Lu", {"Lu", "Uppercase_Letter", ""}},
    {"Ll", {"Ll", "Lowercase_Letter", ""}},
    {"Lt", {"Lt", "Titlecase_Letter", ""}},
    {"Lm", {"Lm", "Modifier_Letter", ""}},
    {"Lo", {"Lo", "Other_Letter", ""}},
    {"M", {"M", "Mark", "Combining_Mark"}},
    {"Mn", {"Mn", "Nonspacing_Mark", ""}},
    {"Mc", {"Mc", "Spacing_Mark", ""}},
    {"Me", {"Me", "Enclosing_Mark", ""}},
    {"N", {"N", "Number", ""}},
    {"Nd", {"Nd", "Decimal_Number", "digit"}},
    {"Nl", {"Nl", "Letter_Number", ""}},
    {"No", {"No", "Other_Number", ""}},
    {"P", {"P", "Punctuation", "punct"}},
    {"Pc", {"Pc", "Connector_Punctuation", ""}},
    {"Pd", {"Pd", "Dash_Punctuation", ""}},
    {"Ps", {"Ps", "Open_Punctuation", ""}},
    {"Pe", {"Pe", "Close_Punctuation", ""}},
    {"Pi", {"Pi", "Initial_Punctuation", ""}},
    {"Pf", {"Pf", "Final_Punctuation", ""}},
    {"Po", {"Po", "Other_Punctuation", ""}},
    {"S", {"S", "Symbol", ""}},
    {"Sm", {"Sm", "Math_Symbol", ""}},
    {"Sc", {"Sc", "Currency_Symbol", ""}},
    {"Sk", {"Sk", "Modifier_Symbol", ""}},
    {"So", {"So", "Other_Symbol", ""}},
    {"Z", {"Z", "Separator", ""}},
    {"Zs", {"Zs", "Space_Separator", ""}},
    {"Zl", {"Zl", "Line_Separator", ""}},
    {"Zp", {"Zp", "Paragraph_Separator", ""}},
    {"Cc", {"Cc", "Control", "cntrl"}},
    {"Cf", {"Cf", "Format", ""}},
    {"Co", {"Co", "Private_Use", ""}},
    // RE2's C lacks the code points that are not assigned.
    {"", {"C", "Other", ""}},
    {"", {"Cn", "Unassigned", ""}},
    {"", {"Cs", "Surrogate", ""}},
    {"", {"LC", "Cased_Letter", ""}},
});

// Properties that are true or false of a character; RE2 has none of them.
constexpr auto binary_names = std::to_array<std::string_view>({
    "ASCII_Hex_Digit",
    "AHex",
    "Alphabetic",
    "Alpha",
    "Assigned",
    "Bidi_Control",
    "Bidi_C",
    "Bidi_Mirrored",
    "Bidi_M",
    "Case_Ignorable",
    "CI",
    "Cased",
    "Changes_When_Casefolded",
    "CWCF",
    "Changes_When_Casemapped",
    "CWCM",
    "Changes_When_Lowercased",
    "CWL",
    "Changes_When_NFKC_Casefolded",
    "CWKCF",
    "Changes_When_Titlecased",
    "CWT",
    "Changes_When_Uppercased",
    "CWU",
    "Dash",
    "Default_Ignorable_Code_Point",
    "DI",
    "Deprecated",
    "Dep",
    "Diacritic",
    "Dia",
    "Emoji",
    "Emoji_Component",
    "EComp",
    "Emoji_Modifier",
    "EMod",
    "Emoji_Modifier_Base",
    "EBase",
    "Emoji_Presentation",
    "EPres",
    "Extended_Pictographic",
    "ExtPict",
    "Extender",
    "Ext",
    "Grapheme_Base",
    "Gr_Base",
    "Grapheme_Extend",
    "Gr_Ext",
    "Hex_Digit",
    "Hex",
    "IDS_Binary_Operator",
    "IDSB",
    "IDS_Trinary_Operator",
    "IDST",
    "ID_Continue",
    "IDC",
    "ID_Start",
    "IDS",
    "Ideographic",
    "Ideo",
    "Join_Control",
    "Join_C",
    "Logical_Order_Exception",
    "LOE",
    "Lowercase",
    "Lower",
    "Math",
    "Noncharacter_Code_Point",
    "NChar",
    "Pattern_Syntax",
    "Pat_Syn",
    "Pattern_White_Space",
    "Pat_WS",
    "Quotation_Mark",
    "QMark",
    "Radical",
    "Regional_Indicator",
    "RI",
    "Sentence_Terminal",
    "STerm",
    "Soft_Dotted",
    "SD",
    "Terminal_Punctuation",
    "Term",
    "Unified_Ideograph",
    "UIdeo",
    "Uppercase",
    "Upper",
    "Variation_Selector",
    "VS",
    "White_Space",
    "space",
    "XID_Continue",
    "XIDC",
    "XID_Start",
    "XIDS",
});

std::string class_item(std::string_view name, bool negated) {
    return fmt::format("\\{}{{{}}}", negated ? 'P' : 'p', name);
}

PropertySet category_set(std::string_view name, bool negated) {
    for (const CategoryRow &row : category_rows) {
        if (name.empty() || std::find(row.names.begin(), row.names.end(), name) == row.names.end())
            continue;
        return {row.re2.empty() ? "" : class_item(row.re2, negated), true};
    }
    return {};
}

// RE2 knows scripts by their long names, as it knows categories, and refuses names it does not
// know.
PropertySet script_set(std::string_view name, bool negated) {
    const bool is_name = !name.empty() && name[0] >= 'A' && name[0] <= 'Z' && name != "Any";
    if (!is_name || category_set(name, negated).known) return {};
    return {class_item(name, negated), true};
}

}  // namespace

PropertySet property_set(std::string_view expression, bool negated) {
    const size_t equals = expression.find('=');
    if (equals != std::string_view::npos) {
        const auto name = expression.substr(0, equals);
        const auto value = expression.substr(equals + 1);
        if (name == "General_Category" || name == "gc") return category_set(value, negated);
        if (name == "Script" || name == "sc") return script_set(value, negated);
        // A character may have several, which RE2 does not know.
        if (name == "Script_Extensions" || name == "scx") {
            return {"", script_set(value, negated).known};
        }
        return {};
    }
    if (expression == "Any") return {negated ? "" : "\\x{0}-\\x{10FFFF}", true};
    if (expression == "ASCII") return {negated ? "\\x{80}-\\x{10FFFF}" : "\\x{0}-\\x{7F}", true};
    if (std::find(binary_names.begin(), binary_names.end(), expression) != binary_names.end()) {
        return {"", true};
    }
    return category_set(expression, negated);
}

}  // namespace skillet::pattern

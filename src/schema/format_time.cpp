// SPDX-License-Identifier: Apache-2.0
#include "schema/format_time.h"

#include "schema/scan.h"

namespace skillet::schema {
namespace {

constexpr int minutes_per_day = 24 * 60;

int days_of(int year, int month) {
    if (month == 2) {
        const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        return leap ? 29 : 28;
    }
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

bool take_date(Scan &scan) {
    const int year = scan.take_number(4);
    if (year < 0 || !scan.take("-")) return false;
    const int month = scan.take_number(2);
    if (month < 1 || month > 12 || !scan.take("-")) return false;
    const int day = scan.take_number(2);
    return day >= 1 && day <= days_of(year, month);
}

// "HH:MM" as minutes; -1 if it is not there.
int take_minutes(Scan &scan) {
    const int hour = scan.take_number(2);
    if (hour < 0 || hour > 23 || !scan.take(":")) return -1;
    const int minute = scan.take_number(2);
    return minute < 0 || minute > 59 ? -1 : hour * 60 + minute;
}

bool take_time(Scan &scan) {
    int minutes = take_minutes(scan);
    if (minutes < 0 || !scan.take(":")) return false;
    const int second = scan.take_number(2);
    if (second < 0 || second > 60) return false;
    if (scan.take(".") && scan.take_while(is_digit) == 0) return false;
    if (!scan.take("Z") && !scan.take("z")) {
        const bool east = scan.next() == '+';
        if (!scan.take("+") && !scan.take("-")) return false;
        const int offset = take_minutes(scan);
        if (offset < 0) return false;
        minutes += east ? -offset : offset;
    }
    return second < 60 || (minutes + minutes_per_day) % minutes_per_day == minutes_per_day - 1;
}

// Numbers with these units, none left out in between; how many there are.
size_t take_units(Scan &scan, std::string_view units) {
    size_t taken = 0;
    while (is_digit(scan.next())) {
        scan.take_while(is_digit);
        const size_t unit = scan.done() ? std::string_view::npos : units.find(scan.next());
        if (unit == std::string_view::npos || (taken > 0 && unit > 0)) return 0;
        scan.take(units.substr(unit, 1));
        units.remove_prefix(unit + 1);
        ++taken;
    }
    return taken;
}

}  // namespace

bool is_date(std::string_view text) {
    Scan scan(text);
    return take_date(scan) && scan.done();
}

bool is_time(std::string_view text) {
    Scan scan(text);
    return take_time(scan) && scan.done();
}

bool is_date_time(std::string_view text) {
    Scan scan(text);
    return take_date(scan) && (scan.take("T") || scan.take("t")) && take_time(scan) && scan.done();
}

bool is_duration(std::string_view text) {
    Scan scan(text);
    if (!scan.take("P")) return false;
    Scan weeks = scan;
    if (take_units(weeks, "W") == 1 && weeks.done()) return true;
    const size_t dates = take_units(scan, "YMD");
    if (scan.take("T")) return take_units(scan, "HMS") > 0 && scan.done();
    return dates > 0 && scan.done();
}

}  // namespace skillet::schema

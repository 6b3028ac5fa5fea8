-- Grain: one row per sharing rule, with its subject and its form in words.
with

rules as (
    select * from {{ ref('sharing_rules') }}
),

questions as (
    select * from {{ ref('questions') }}
),

rules_in_words as (
    select
        rules.rule_id,
        rules.effect,
        rules.contributor,
        rules.recipient,
        rules.attribution,
        rules.valid_from,
        rules.valid_until,
        rules.agreement,
        concat(
            case rules.subject
                when 'responses' then 'answers' when 'contacts' then 'contact attempts' else 'answers and contact attempts'
            end,
            case when rules.question_code <> '*' then concat(' about ', lower(questions.question_label)) end,
            case when rules.office_level <> '*' then concat(' for ', replace(rules.office_level, '_', ' ')) end,
            case when rules.state <> '*' then concat(' of voters in ', rules.state) end,
            case when rules.channel <> '*' then concat(' by ', rules.channel) end
        ) as what,
        concat(
            case
                when rules.effect = 'share'
                    then
                        concat(
                            case rules.attribution
                                when 'named' then ', with the contributor''s name' else ', without the contributor''s name'
                            end,
                            case rules.date_precision
                                when 'day' then ', dated to the day' when 'month' then ', dated to the month' else ', dated to two months'
                            end,
                            case when rules.embargo_days > 0 then concat(', ', rules.embargo_days, ' days after the contact') end
                        )
            end
        ) as how
    from rules
    left join questions on rules.question_code = questions.question_code
)

select * from rules_in_words

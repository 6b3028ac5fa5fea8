-- Grain: one row per delivered line and fact in it (a Spoke line tells several), of every tool.
{{ config(materialized='view') }}

with

generic_contacts as (
    select * from {{ ref('stg_generic__contacts') }}
),

van_history_reports as (
    select * from {{ ref('stg_van__contact_history_report') }}
),

van_survey_reports as (
    select * from {{ ref('stg_van__survey_response_report') }}
),

van_contacts as (
    select * from {{ ref('stg_van__contactscontacts') }}
),

van_answers as (
    select * from {{ ref('stg_van__contactssurveyresponses') }}
),

thrutext_messages as (
    select * from {{ ref('stg_thrutext__messages') }}
),

thrutext_surveys as (
    select * from {{ ref('stg_thrutext__surveys') }}
),

thrutext_opt_outs as (
    select * from {{ ref('stg_thrutext__opt_outs') }}
),

spoke_contacts as (
    select * from {{ ref('stg_spoke__contacts') }}
),

unioned as (
    select * from generic_contacts
    union all
    select * from van_history_reports
    union all
    select * from van_survey_reports
    union all
    select * from van_contacts
    union all
    select * from van_answers
    union all
    select * from thrutext_messages
    union all
    select * from thrutext_surveys
    union all
    select * from thrutext_opt_outs
    union all
    select * from spoke_contacts
)

select * from unioned
